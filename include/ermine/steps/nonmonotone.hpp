// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/steps/barzilai_borwein.hpp>
#include <ermine/steps/line.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace ermine {

/// Backtracking that lets values rise for a while: f(x − t d) <= C − c t dᵀ∇f(x), where C is a
/// mean of the values so far, in which one k steps old weighs memoryᵏ (Zhang & Hager, "A
/// nonmonotone line search technique and its application to unconstrained optimization", SIAM J.
/// Optim. 14, 2004, eqs. 1.6–1.8). With memory 0 it is Armijo's rule. The first trial is 1 for
/// directions of Newton's length, otherwise the Barzilai–Borwein step, which this rule lets work
/// unharmed (Raydan 1997).
struct Nonmonotone {
    static constexpr Role role = Role::step;
    static constexpr bool searches = true;
    static constexpr bool learns = true;

    double memory = 0.85;               ///< η in [0, 1]
    double sufficient_decrease = 1e-4;  ///< c
    double shrink = 0.5;                ///< the most of a step that is tried after it failed
    int trials = 60;                    ///< then no step is found

    struct State {
        double weight = 0;  // Q
        double mean = 0;    // C
        BarzilaiBorwein::State first = {};
        auto fields() { return std::tie(weight, mean, first); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool smooth = !Composite<F, V>;
        static_assert(smooth,
                      "Nonmonotone needs a gradient of the whole objective, and a proximal penalty "
                      "(L1, ElasticNet, Box) has none: use Backtracking{}");
        return smooth;
    }

    /// Throws std::invalid_argument for an option out of its range.
    State start(const auto&, const auto&, const auto&) const {
        require_between(memory, 0, 1, "Nonmonotone.memory");
        require_positive(sufficient_decrease, "Nonmonotone.sufficient_decrease");
        require_positive(shrink, "Nonmonotone.shrink");
        require_between(shrink, 0, 1, "Nonmonotone.shrink");
        require_count(trials, "Nonmonotone.trials");
        return {};
    }

    template <class L>
    double search(L& line, State& state) const {
        const double slope = line.slope_here();
        if (!(slope > 0)) return 0;
        state.weight = 1 + memory * state.weight;
        state.mean += (line.here.value - state.mean) / state.weight;
        const double above = std::max(0.0, state.mean - line.here.value);
        double t = line.unit_length ? 1 : rule.length(line.here, Clock{}, state.first);
        for (int trial = 0; trial < trials; ++trial) {
            line.at(t);
            const double change = line.change(t, slope, line.slope_there());
            if (change <= above - sufficient_decrease * t * slope) return t;
            const double best = t * t * slope / (2 * (change + t * slope));
            t = best > 0 ? std::clamp(best, t * shrink / 5, t * shrink) : t * shrink / 5;
        }
        return 0;
    }

    template <class V>
    void learn(const Evaluation<V>& before, const Evaluation<V>& after, State& state) const {
        rule.learn(before, after, state.first);
    }

private:
    static constexpr BarzilaiBorwein rule{};
};

}  // namespace ermine
