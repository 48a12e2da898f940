// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/estimators/per_example_step.hpp>
#include <ermine/estimators/remembered_gradients.hpp>

#include <cstdint>

namespace ermine {

/// SAGA (Defazio, Bach & Lacoste-Julien 2014, eq. 1): the gradient of one example, drawn with
/// replacement, less the last one that was seen of it, plus the mean of all that were seen last:
///
///     g = ∇fᵢ(x) − φᵢ + (1/n) Σⱼ φⱼ,     then φᵢ ← ∇fᵢ(x).
///
/// Unbiased, and its variance vanishes at the minimum: with a constant step it converges linearly
/// where plain SGD stays in a ball. Of a linear model it remembers one number an example, otherwise
/// n gradients. With `Constant` directly behind it, on a linear model, it runs lazily: a round is
/// min(n, 65536) steps, of which each costs the numbers that are stored of its example, also with
/// ℓ2 and a penalty that offers `drift` (L1, ElasticNet, Box). In other chains a round is one
/// example. The method's `value` is the mean loss on the way.
struct Saga {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;
    static constexpr bool estimates = true;

    std::uint64_t seed = 0;

    template <class F, class V>
    static consteval bool check() {
        static_assert(FiniteSum<SmoothPart<F>, V>,
                      "Saga needs a sum over examples (EmpiricalRisk, finite_sum): use "
                      "FullGradient{} for any other function");
        return FiniteSum<SmoothPart<F>, V>;
    }

    template <class F, class V>
    static constexpr bool sweeps = sweeps_lazily<F, V>;

    /// Takes all n gradients at x. Throws std::invalid_argument where they would take more than
    /// 1 GB.
    template <class F, class V>
    RememberedGradients<F, V> start(const F& f, const V& x) const {
        return {f, x, seed, true};
    }

    double draw(const auto& f, auto& state) const { return state.draw(f); }

    double estimate(const auto& f, const auto& x, auto& g, auto& state) const {
        return state.table.estimate(f, state.example, x, g, 1, true);
    }

    double sweep(const auto& f, const auto& penalty, double length, auto& x, auto& state,
                 Clock& clock) const {
        const double n = static_cast<double>(f.examples());
        return state.sweep(f, penalty, length, x, clock, {.push = 1, .fold = 1 / n});
    }

    /// 1/(3 Lmax) (their section 2). Throws std::invalid_argument where Lmax is not known.
    double natural_step(const auto& f) const { return per_example_step(f, 3, "Saga"); }
};

}  // namespace ermine
