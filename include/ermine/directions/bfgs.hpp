// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/first_length.hpp>

#include <cmath>
#include <limits>
#include <tuple>
#include <utility>

namespace ermine {

/// The direction of the method of Broyden, Fletcher, Goldfarb & Shanno (1970): d ← H d with an
/// n × n inverse Hessian H that learns from each step s = x⁺ − x, y = ∇f⁺ − ∇f,
/// H⁺ = (I − s yᵀ/sᵀy) H (I − y sᵀ/sᵀy) + s sᵀ/sᵀy (Nocedal & Wright 2006, eq. 6.17), and begins
/// as sᵀy / yᵀy times the identity (their eq. 6.20). O(n²) a step: for long vectors use LBFGS.
/// Pairs without positive curvature are left out. The first direction is the gradient at length 1
/// or shorter; the natural step is 1.
struct BFGS {
    static constexpr Role role = Role::direction;
    using form = Whole;
    static constexpr bool learns = true;
    static constexpr bool keeps_metric = false;
    static constexpr bool unit_length = true;

    template <class V>
    struct InverseHessian {
        SquareMatrix<V> inverse;
        V s, y, hy;
        bool known = false;
        auto fields() { return std::tie(inverse, known); }
    };

    template <class V>
    InverseHessian<V> start(const auto&, const V& x) const {
        const Index n = x.size();
        return {SquareMatrix<V>::Zero(n, n), V::Zero(n), V::Zero(n), V::Zero(n)};
    }

    template <class V>
    void direct(const auto&, const V& x, V& d, InverseHessian<V>& state) const {
        if (state.known) {
            state.hy.noalias() = state.inverse * d;
            d = state.hy;
        } else {
            first_length(x, d);
        }
    }

    template <class V>
    void learn(const Evaluation<V>& before, const Evaluation<V>& after,
               InverseHessian<V>& state) const {
        using Scalar = typename V::Scalar;
        V& s = state.s;
        V& y = state.y;
        V& hy = state.hy;
        s = after.x - before.x;
        y = after.gradient - before.gradient;
        const Scalar sy = s.dot(y);
        const Scalar yy = y.squaredNorm();
        constexpr Scalar noise = std::numeric_limits<Scalar>::epsilon();
        if (!(sy > noise * std::sqrt(yy * s.squaredNorm())) || !std::isfinite(yy)) return;
        if (!state.known) {
            state.inverse.setZero();
            state.inverse.diagonal().setConstant(sy / yy);
            state.known = true;
        }
        hy.noalias() = state.inverse * y;
        // with w = s (1 + yᵀHy/sᵀy)/2 − Hy, the update is (s wᵀ + w sᵀ)/sᵀy
        hy = s * ((1 + y.dot(hy) / sy) / 2) - hy;
        y = s / sy;
        for (Index j = 0; j < y.size(); ++j) state.inverse.col(j) += y * hy[j] + hy * y[j];
    }

    template <class V>
    bool forget(InverseHessian<V>& state) const {
        return std::exchange(state.known, false);
    }
};

}  // namespace ermine
