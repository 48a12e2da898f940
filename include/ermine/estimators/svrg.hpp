// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/estimators/per_example_step.hpp>
#include <ermine/estimators/snapshot_gradients.hpp>
#include <ermine/numerics/require.hpp>

#include <cstdint>

namespace ermine {

/// Stochastic variance reduced gradients (Johnson & Zhang 2013, figure 1, option I; with a proximal
/// map Xiao & Zhang 2014): the gradient of one example less that at a snapshot w, plus the full
/// gradient there,
///
///     g = ∇fᵢ(x) − ∇fᵢ(w) + ∇f(w),
///
/// where w is the point of every `steps`-th step. It needs no table of gradients. Rounds and
/// `value` are as of Saga; a full gradient counts as an epoch. Its theory asks for many steps a
/// snapshot, more than 20 Lmax/μ with the default step; LooplessSvrg needs not know μ.
struct Svrg {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;
    static constexpr bool estimates = true;

    std::int64_t steps = 0;  ///< with a snapshot; 0: 2n, as they say for convex problems
    std::uint64_t seed = 0;

    template <class F, class V>
    static consteval bool check() {
        static_assert(FiniteSum<SmoothPart<F>, V>,
                      "Svrg needs a sum over examples (EmpiricalRisk, finite_sum): use "
                      "FullGradient{} for any other function");
        return FiniteSum<SmoothPart<F>, V>;
    }

    template <class F, class V>
    static constexpr bool sweeps = sweeps_lazily<F, V>;

    /// Throws std::invalid_argument for steps < 0.
    template <class F, class V>
    SnapshotGradients<F, V> start(const F& f, const V& x) const {
        if (steps != 0) require_count(steps, "Svrg.steps");
        return {f, x, seed, period(f)};
    }

    double draw(const auto& f, auto& state) const { return state.draw(f, period(f)); }

    double estimate(const auto& f, const auto& x, auto& g, auto& state) const {
        return state.estimate(f, x, g);
    }

    double sweep(const auto& f, const auto& penalty, double length, auto& x, auto& state,
                 Clock& clock) const {
        return state.sweep(f, penalty, length, x, clock, period(f));
    }

    /// 1/(10 Lmax), as in the proof's example (their section 3). Throws std::invalid_argument where
    /// Lmax is not known.
    double natural_step(const auto& f) const { return per_example_step(f, 10, "Svrg"); }

private:
    auto period(const auto& f) const {
        return
            [count = steps > 0 ? steps : 2 * std::int64_t{f.examples()}](auto&) { return count; };
    }
};

}  // namespace ermine
