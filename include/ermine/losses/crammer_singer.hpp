// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <limits>
#include <type_traits>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>

namespace ermine {

/// max(0, 1 + max_{k ≠ y} pₖ − p_y) for K predictions p and the class number y, the multiclass
/// hinge (Crammer & Singer, "On the algorithmic implementation of multiclass kernel-based vector
/// machines", JMLR 2, 2001, eq. 4): the class must lead all others by a margin of 1. With two
/// classes it is HingeLoss of the difference p₁ − p₀. Convex and √2-Lipschitz in the Euclidean norm
/// of p, tightly; not smooth. With three classes and more it is not calibrated: where none is more
/// likely than all others together, all predictions alike are best (Tewari & Bartlett, "On the
/// consistency of multiclass classification methods", JMLR 8, 2007).
///
/// The functions take row-major array blocks of B × K predictions (float or double) and B targets,
/// and allocate nothing. A row with NaN gives NaN.
struct CrammerSingerLoss {
    using form = ManyOutputs;
    static constexpr const char* name = "CrammerSingerLoss";
    static constexpr const char* targets = "a class number 0, 1, …";
    static constexpr bool convex = true;

    /// The loss of one row of predictions.
    template <class Row>
    double value(const Eigen::DenseBase<Row>& p, Index y) const {
        const double gap = shortfall(p, y, rival(p, y));
        return gap <= 0 ? 0 : gap;
    }

    /// values(i) = the loss of row i of p for class y(i).
    void value(const auto& p, const auto& y, auto&& values) const {
        for (Index i = 0; i < p.rows(); ++i)
            values.coeffRef(i) = static_cast<NumberIn<decltype(values)>>(
                value(p.row(i), static_cast<Index>(y.coeff(i))));
    }

    /// The same, and d, B × K: e_k − e_y where the loss is positive, with k the first of the best
    /// other classes, and 0 where it is 0, at the kink, too: a subgradient.
    void value_and_derivative(const auto& p, const auto& y, auto&& values, auto&& d) const {
        using T = NumberIn<decltype(d)>;
        d.setZero();
        for (Index i = 0; i < p.rows(); ++i) {
            const auto k = static_cast<Index>(y.coeff(i));
            const Index best = rival(p.row(i), k);
            const double gap = shortfall(p.row(i), k, best);
            values.coeffRef(i) = static_cast<NumberIn<decltype(values)>>(gap <= 0 ? 0 : gap);
            if (gap <= 0) continue;
            const T slope = std::isnan(gap) ? std::numeric_limits<T>::quiet_NaN() : T(1);
            d.coeffRef(i, best) += slope;
            d.coeffRef(i, k) -= slope;
        }
    }

    /// values(i) = −Σ_{k ≠ y} uₖ of row i for u + e_y on the simplex, up to rounding (4 (K + 4) ε);
    /// +∞ elsewhere.
    void conjugate(const auto& u, const auto& y, auto&& values) const {
        using T = NumberIn<decltype(u)>;
        const double room =
            4 * (static_cast<double>(u.cols()) + 4) * double{std::numeric_limits<T>::epsilon()};
        for (Index i = 0; i < u.rows(); ++i) {
            const auto target = static_cast<Index>(y.coeff(i));
            const auto own = static_cast<double>(u.coeff(i, target)) + 1;
            double others = 0;
            double least = own < 0 ? own : 0;
            for (Index k = 0; k < u.cols(); ++k) {
                if (k == target) continue;
                const auto share = static_cast<double>(u.coeff(i, k));
                others += share;
                least = share < least ? share : least;
            }
            const bool inside = least == 0 && !(std::abs(others + own - 1) > room);
            values.coeffRef(i) = static_cast<NumberIn<decltype(values)>>(
                inside ? -others : std::numeric_limits<double>::infinity());
        }
    }

    /// As that of SoftmaxCrossEntropy, which has the same slopes.
    void nearest_slope(const auto& u, const auto& y, auto&& nearest) const {
        SoftmaxCrossEntropy{}.nearest_slope(u, y, nearest);
    }

    double lipschitz() const { return std::sqrt(2.0); }

    /// Whether it is a class number; that it is below K is for those to check who know K.
    bool accepts(double target) const {
        return target >= 0 && target == std::floor(target) && target < 0x1p31;
    }

private:
    template <class Values>
    using NumberIn = typename std::remove_cvref_t<Values>::Scalar;

    // The first of the largest predictions of the other classes, or the first that is NaN.
    template <class Row>
    static Index rival(const Eigen::DenseBase<Row>& p, Index y) {
        Index best = y == 0 ? 1 : 0;
        for (Index k = best + 1; k < p.size(); ++k) {
            if (std::isnan(p.derived().coeff(best))) break;
            if (k != y && !(p.derived().coeff(k) <= p.derived().coeff(best))) best = k;
        }
        return best;
    }

    // By how much class y misses its lead; infinities of one sign count as equal.
    template <class Row>
    static double shortfall(const Eigen::DenseBase<Row>& p, Index y, Index best) {
        const auto other = static_cast<double>(p.derived().coeff(best));
        const auto own = static_cast<double>(p.derived().coeff(y));
        return 1 + (other == own ? 0 : other - own);
    }
};

}  // namespace ermine
