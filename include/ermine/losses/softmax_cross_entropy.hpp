// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>
#include <type_traits>

#include <Eigen/Core>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/positive_part.hpp>
#include <ermine/numerics/simplex_threshold.hpp>
#include <ermine/numerics/x_log_x.hpp>

namespace ermine {

/// log Σₖ e^{pₖ} − p_y for K predictions p and the class number y: the negative log-likelihood of
/// class y under the probabilities πₖ = e^{pₖ} / Σⱼ e^{pⱼ}. Convex, and calibrated for K classes
/// (Zhang, "Statistical analysis of some multi-category large margin classification methods",
/// JMLR 5, 2004).
///
/// Its gradient in p is π − e_y and its Hessian diag(π) − π πᵀ. In the Euclidean norm of p it is
/// √2-Lipschitz, since ‖π − e_y‖² = Σ_{k≠y} πₖ² + (1 − π_y)² <= 2 (1 − π_y)² <= 2, and ½-smooth,
/// since uᵀ (diag(π) − π πᵀ) u, the variance of u under π, is at most (max u − min u)² / 4
/// (Popoviciu 1935) and so at most ‖u‖² / 2. Neither can be lowered: two classes show it.
///
/// The functions take row-major array blocks of B × K predictions (float or double) and B targets,
/// and allocate nothing. The largest of a row is subtracted before exponentials are taken, so that
/// nothing overflows; infinite predictions give the limit of the loss, NaN gives NaN.
struct SoftmaxCrossEntropy {
    using form = ManyOutputs;
    static constexpr const char* name = "SoftmaxCrossEntropy";
    static constexpr const char* targets = "a class number 0, 1, …";
    static constexpr bool convex = true;
    static constexpr bool calibrated = true;
    static constexpr bool natural = true;

    /// The loss of one row of predictions.
    template <class Row>
    double value(const Eigen::DenseBase<Row>& p, Index y) const {
        const auto shift = p.template maxCoeff<Eigen::PropagateNaN>();
        if (!std::isfinite(shift)) return value_with_infinity(p, y);
        const double sum = static_cast<double>((p.derived().array() - shift).exp().sum());
        return std::log(sum) - static_cast<double>(p.derived().coeff(y) - shift);
    }

    /// values(i) = the loss of row i of p for class y(i).
    void value(const auto& p, const auto& y, auto&& values) const {
        for (Index i = 0; i < p.rows(); ++i)
            values.coeffRef(i) = static_cast<NumberIn<decltype(values)>>(
                value(p.row(i), static_cast<Index>(y.coeff(i))));
    }

    /// The same, and d = π − e_y, row by row: B × K.
    void value_and_derivative(const auto& p, const auto& y, auto&& values, auto&& d) const {
        exponentials(p, d);
        for (Index i = 0; i < p.rows(); ++i) {
            const auto k = static_cast<Index>(y.coeff(i));
            const auto sum = d.row(i).sum();
            const auto shift = p.row(i).template maxCoeff<Eigen::PropagateNaN>();
            values.coeffRef(i) =
                static_cast<NumberIn<decltype(values)>>(std::log(sum) - shifted(p(i, k), shift));
            d.row(i) /= sum;
            d.coeffRef(i, k) -= 1;
        }
    }

    /// hu = (diag(π) − π πᵀ) u, row by row: B × K. `hu` must not overlap `u` or `p`. The targets
    /// don't matter.
    void curvature_product(const auto& p, const auto&, const auto& u, auto&& hu) const {
        exponentials(p, hu);
        for (Index i = 0; i < p.rows(); ++i) {
            hu.row(i) /= hu.row(i).sum();
            const auto mean = (hu.row(i) * u.row(i)).sum();
            hu.row(i) *= u.row(i) - mean;
        }
    }

    /// values(i) = Σₖ πₖ log πₖ with π = u + e_y of row i, where that is on the simplex, Σₖ πₖ
    /// being off 1 by rounding at most (4 (K + 4) ε); +∞ elsewhere.
    void conjugate(const auto& u, const auto& y, auto&& values) const {
        using T = NumberIn<decltype(u)>;
        const double room =
            4 * (static_cast<double>(u.cols()) + 4) * double{std::numeric_limits<T>::epsilon()};
        for (Index i = 0; i < u.rows(); ++i) {
            const auto target = static_cast<Index>(y.coeff(i));
            double sum = 0;
            double least = 0;
            double entropy = 0;
            for (Index k = 0; k < u.cols(); ++k) {
                const double share = static_cast<double>(u.coeff(i, k)) + (k == target ? 1 : 0);
                sum += share;
                least = share < least ? share : least;
                entropy += x_log_x(positive_part(share));
            }
            const bool inside = least == 0 && !(std::abs(sum - 1) > room);
            values.coeffRef(i) = static_cast<NumberIn<decltype(values)>>(
                inside ? entropy : std::numeric_limits<double>::infinity());
        }
    }

    /// Row i of `nearest` = the u nearest to that of the given block with u + e_y on the simplex.
    /// The two may be the same block.
    void nearest_slope(const auto& u, const auto& y, auto&& nearest) const {
        using T = NumberIn<decltype(nearest)>;
        nearest = u;
        for (Index i = 0; i < nearest.rows(); ++i) {
            auto row = nearest.row(i);
            const auto target = static_cast<Index>(y.coeff(i));
            row.coeffRef(target) += 1;
            if (row.allFinite()) {
                const auto top = static_cast<double>(row.maxCoeff());
                const double s = simplex_threshold(row, top, 1);
                row = row.unaryExpr([&](T share) {
                    return static_cast<T>(positive_part(static_cast<double>(share) - top - s));
                });
            } else {
                row.setConstant(std::numeric_limits<T>::quiet_NaN());
            }
            row.coeffRef(target) -= 1;
        }
    }

    /// A class number, with the probabilities π of the predictions p.
    template <class P>
    double draw(const Eigen::DenseBase<P>& p, auto& random) const {
        const auto shift = p.template maxCoeff<Eigen::PropagateNaN>();
        const auto weight = [&](Index k) {
            return std::exp(static_cast<double>(shifted(p.derived().coeff(k), shift)));
        };
        double sum = 0;
        for (Index k = 0; k < p.size(); ++k) sum += weight(k);
        double left = random.uniform() * sum;
        Index k = 0;
        for (; k + 1 < p.size(); ++k)
            if ((left -= weight(k)) < 0) break;
        return static_cast<double>(k);
    }

    double lipschitz() const { return std::sqrt(2.0); }
    double smoothness() const { return 0.5; }

    /// Whether it is a class number; that it is below K is for those to check who know K.
    bool accepts(double target) const {
        return target >= 0 && target == std::floor(target) && target < 0x1p31;
    }

private:
    template <class Values>
    using NumberIn = typename std::remove_cvref_t<Values>::Scalar;

    // p − shift, and 0 where both are the same infinity.
    template <class T>
    static T shifted(T p, T shift) {
        return p == shift ? T(0) : p - shift;
    }

    template <class Row>
    static double value_with_infinity(const Eigen::DenseBase<Row>& p, Index y) {
        const auto shift = p.template maxCoeff<Eigen::PropagateNaN>();
        double sum = 0;
        for (Index k = 0; k < p.size(); ++k)
            sum += std::exp(static_cast<double>(shifted(p.derived().coeff(k), shift)));
        return std::log(sum) - static_cast<double>(shifted(p.derived().coeff(y), shift));
    }

    // e = exp(p − the largest of its row). The exponentials are taken of the whole block at once:
    // rows are often shorter than a few packets.
    static void exponentials(const auto& p, auto&& e) {
        for (Index i = 0; i < p.rows(); ++i) {
            const auto shift = p.row(i).template maxCoeff<Eigen::PropagateNaN>();
            if (std::isfinite(shift))
                e.row(i) = p.row(i) - shift;
            else
                e.row(i) = p.row(i).unaryExpr([=](auto q) { return shifted(q, shift); });
        }
        e = e.exp();
    }
};

}  // namespace ermine
