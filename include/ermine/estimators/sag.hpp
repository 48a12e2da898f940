// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/estimators/per_example_step.hpp>
#include <ermine/estimators/remembered_gradients.hpp>

#include <cstdint>

namespace ermine {

/// Stochastic average gradient (Schmidt, Le Roux & Bach 2017, algorithm 1): the mean of the last
/// gradients that were seen of all examples, after that of one, drawn with replacement, is renewed:
///
///     φᵢ ← ∇fᵢ(x),     g = (1/n) Σⱼ φⱼ.
///
/// All φᵢ = 0 before they are seen. Biased, with less variance than Saga, which remembers and runs
/// the same; its theory knows no proximal map.
struct Sag {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;
    static constexpr bool estimates = true;

    std::uint64_t seed = 0;

    template <class F, class V>
    static consteval bool check() {
        static_assert(FiniteSum<SmoothPart<F>, V>,
                      "Sag needs a sum over examples (EmpiricalRisk, finite_sum): use "
                      "FullGradient{} for any other function");
        return FiniteSum<SmoothPart<F>, V>;
    }

    template <class F, class V>
    static constexpr bool sweeps = sweeps_lazily<F, V>;

    /// Throws std::invalid_argument where n gradients would take more than 1 GB.
    template <class F, class V>
    RememberedGradients<F, V> start(const F& f, const V& x) const {
        return {f, x, seed, false};
    }

    double draw(const auto& f, auto& state) const { return state.draw(f); }

    double estimate(const auto& f, const auto& x, auto& g, auto& state) const {
        return state.table.estimate(f, state.example, x, g, 1 / static_cast<double>(f.examples()),
                                    true);
    }

    double sweep(const auto& f, const auto& penalty, double length, auto& x, auto& state,
                 Clock& clock) const {
        const double share = 1 / static_cast<double>(f.examples());
        return state.sweep(f, penalty, length, x, clock, {.push = share, .fold = share});
    }

    /// 1/(16 Lmax) (their theorem 1). Throws std::invalid_argument where Lmax is not known.
    double natural_step(const auto& f) const { return per_example_step(f, 16, "Sag"); }
};

}  // namespace ermine
