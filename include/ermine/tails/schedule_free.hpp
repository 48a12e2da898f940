// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

#include <string>
#include <tuple>

namespace ermine {

/// A constant step and no schedule (Defazio et al., "The Road Less Scheduled", 2024, eqs. 2–4): the
/// gradient is taken at y, the step from z, and the average x of the z is the answer:
///
///     y = (1 − β) z + β x,   z⁺ = z − γ d(y),   x⁺ = (1 − c) x + c z⁺
///
/// with the weights c = γ²/Σγ² of their algorithm 1, so that the short steps of a Warmup count for
/// little; 1/t for a constant γ, with t = 1 after the first step, where x = z. The step needs no
/// horizon: give a Constant, longer than a schedule's first step would be. β = 0 is Average, β = 1
/// takes each gradient at the average (primal averaging); β stands for momentum, use none beside
/// it.
struct ScheduleFree {
    static constexpr Role role = Role::tail;
    static constexpr bool moves = true;

    double interpolation = 0.9;  ///< β, in [0, 1]

    template <class V>
    struct Memory {
        V average;          // x
        V base;             // z
        double weight = 0;  // Σγ²
        auto fields() { return std::tie(average, base, weight); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool smooth = !requires(const F& f, const V& x) { f.penalty(x); };
        static_assert(smooth,
                      "ScheduleFree steps from another point than the gradient's, and a proximal "
                      "penalty (L1, Box) would be applied at the wrong one: use Average{}, or the "
                      "penalty L2");
        return smooth;
    }

    /// Throws std::invalid_argument unless 0 <= interpolation <= 1.
    template <class V>
    Memory<V> start(const auto&, const V& x) const {
        require_between(interpolation, 0, 1, "ScheduleFree.interpolation");
        return {x, x};
    }

    /// x comes in as y − γ d, and leaves as the next y.
    template <class V>
    bool follow(V& x, double length, Memory<V>& state) const {
        using Scalar = typename V::Scalar;
        state.weight += length * length;
        const auto share =
            static_cast<Scalar>(state.weight > 0 ? length * length / state.weight : 1);
        const auto beta = static_cast<Scalar>(interpolation);
        for (Index i = 0; i < x.size(); ++i) {
            const Scalar mean = state.average[i];
            const Scalar base = x[i] + beta * (state.base[i] - mean);  // y − γ d + (z − y)
            state.base[i] = base;
            state.average[i] = mean + share * (base - mean);
            x[i] = base + beta * (state.average[i] - base);
        }
        return true;
    }

    template <class V>
    const V& report(const V&, const Memory<V>& state) const {
        return state.average;
    }
};

}  // namespace ermine
