// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/tiled_product.hpp>

namespace ermine {

/// The inverse of a symmetric positive definite matrix in double: A = L Lᵀ by Cholesky's method,
/// L⁻¹ by forward substitution, A⁻¹ = L⁻ᵀ L⁻¹ (Higham, "Accuracy and stability of numerical
/// algorithms", 2002, section 14.3), block by block so that nearly all of it is products, which run
/// on all threads with the same bits on any number of them. No heap after construction.
///
/// An inverse, where solving with the factor would do, is for those who apply it to many right-hand
/// sides again and again.
class DefiniteInverse {
public:
    /// For matrices of up to n rows.
    explicit DefiniteInverse(Index n = 0)
        : factor_(Eigen::MatrixXd::Zero(n, n)),
          inverse_(factor_),
          panel_(Eigen::MatrixXd::Zero(n, block)),
          row_(Eigen::MatrixXd::Zero(block, n)),
          corner_(Eigen::MatrixXd::Zero(block, block)) {}

    /// (A + shift I)⁻¹ into `to`, a matrix of any type of numbers, A itself if it likes. False,
    /// with `to` as it was, where the sum is not positive definite, or not finite.
    template <class A, class To>
    bool compute(const A& a, double shift, To&& to) {
        using Scalar = typename std::remove_cvref_t<To>::Scalar;
        const Index n = a.rows();
        auto l = factor_.topLeftCorner(n, n);
        l = a.template cast<double>();
        l.diagonal().array() += shift;
        if (!factor(n)) return false;
        invert_factor(n);
        // X = L⁻¹ is lower triangular: (XᵀX)ᵢⱼ = Σₖ XₖᵢXₖⱼ over k >= max(i, j)
        auto inverse = inverse_.topLeftCorner(n, n);
        for (Index j = 0; j < n; j += block) {
            const Index width = std::min(block, n - j);
            tiled_product(inverse.block(j, j, n - j, width),
                          l.block(j, j, n - j, n - j).transpose(), l.block(j, j, n - j, width));
        }
        if (!inverse.diagonal().allFinite()) return false;
        for (Index j = 0; j < n; ++j) {
            to.col(j).tail(n - j) = inverse.col(j).tail(n - j).template cast<Scalar>();
            to.row(j).tail(n - j) = to.col(j).tail(n - j).transpose();
        }
        return true;
    }

private:
    static constexpr Index block = 64;

    Eigen::MatrixXd factor_;  // A, then L with its diagonal blocks inverted, then L⁻¹
    Eigen::MatrixXd inverse_;
    Eigen::MatrixXd panel_;
    Eigen::MatrixXd row_;
    Eigen::MatrixXd corner_;

    bool factor(Index n) {
        for (Index k = 0; k < n; k += block) {
            const Index width = std::min(block, n - k);
            const Index rest = n - k - width;
            if (!factor_corner(k, width)) return false;
            if (rest == 0) continue;
            auto below = factor_.block(k + width, k, rest, width);
            auto panel = panel_.topLeftCorner(rest, width);
            tiled_product(panel, below, factor_.block(k, k, width, width).transpose());
            below = -panel;
            for (Index j = 0; j < rest; j += block) {
                const Index columns = std::min(block, rest - j);
                tiled_product(factor_.block(k + width + j, k + width + j, rest - j, columns),
                              below.bottomRows(rest - j), panel.middleRows(j, columns).transpose(),
                              true);
            }
            below = panel;
        }
        return true;
    }

    /// Factors a diagonal block, and puts the inverse of the factor in its place.
    bool factor_corner(Index k, Index width) {
        auto c = factor_.block(k, k, width, width);
        for (Index j = 0; j < width; ++j) {
            const double pivot = c(j, j);
            if (!(pivot > 0) || !std::isfinite(pivot)) return false;
            const double root = std::sqrt(pivot);
            c.col(j).tail(width - j) /= root;
            for (Index i = j + 1; i < width; ++i)
                c.col(i).tail(width - i) -= c(i, j) * c.col(j).tail(width - i);
        }
        auto x = corner_.topLeftCorner(width, width);
        x.setZero();
        for (Index j = 0; j < width; ++j) {
            x(j, j) = 1 / c(j, j);
            for (Index i = j + 1; i < width; ++i) {
                double sum = 0;
                for (Index m = j; m < i; ++m) sum += c(i, m) * x(m, j);
                x(i, j) = -sum / c(i, i);
            }
        }
        c = x;
        return true;
    }

    /// L⁻¹ in place of L, block row by block row: Xᵢⱼ = −Lᵢᵢ⁻¹ Σₖ LᵢₖXₖⱼ.
    void invert_factor(Index n) {
        for (Index i = 0; i < n; i += block) {
            const Index height = std::min(block, n - i);
            factor_.block(i, i + height, height, n - i - height).setZero();
            if (i == 0) continue;
            auto row = row_.topLeftCorner(height, i);
            tiled_product(row, factor_.block(i, 0, height, i), factor_.topLeftCorner(i, i));
            auto corner = corner_.topLeftCorner(height, height);
            corner = -factor_.block(i, i, height, height);
            tiled_product(factor_.block(i, 0, height, i), corner, row);
        }
    }
};

}  // namespace ermine
