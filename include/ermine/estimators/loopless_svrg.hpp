// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/estimators/per_example_step.hpp>
#include <ermine/estimators/snapshot_gradients.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/steps_until.hpp>

#include <cstdint>

namespace ermine {

/// Loopless SVRG (Kovalev, Horváth & Richtárik 2020, algorithm 1): Svrg whose snapshot is renewed
/// by a coin, with probability p = `renewal` after each step. Linear convergence with its default
/// step whatever Lmax/μ is: E ‖x − x*‖² falls by 1 − min(μ/(6 Lmax), p/2) a step (their theorem 5).
struct LooplessSvrg {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;
    static constexpr bool estimates = true;

    double renewal = 0;  ///< probability a step; 0: 1/n
    std::uint64_t seed = 0;

    template <class F, class V>
    static consteval bool check() {
        static_assert(FiniteSum<SmoothPart<F>, V>,
                      "LooplessSvrg needs a sum over examples (EmpiricalRisk, finite_sum): use "
                      "FullGradient{} for any other function");
        return FiniteSum<SmoothPart<F>, V>;
    }

    template <class F, class V>
    static constexpr bool sweeps = sweeps_lazily<F, V>;

    /// Throws std::invalid_argument for a renewal outside [0, 1].
    template <class F, class V>
    SnapshotGradients<F, V> start(const F& f, const V& x) const {
        require_between(renewal, 0, 1, "LooplessSvrg.renewal");
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

    /// 1/(6 Lmax). Throws std::invalid_argument where Lmax is not known.
    double natural_step(const auto& f) const { return per_example_step(f, 6, "LooplessSvrg"); }

private:
    StepsUntil period(const auto& f) const {
        return {renewal > 0 ? renewal : 1 / static_cast<double>(f.examples())};
    }
};

}  // namespace ermine
