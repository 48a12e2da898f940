// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace ermine {

/// The step of Malitsky & Mishchenko ("Adaptive gradient descent without descent", ICML 2020,
/// algorithm 1): tₖ = min(√(1 + θ) tₖ₋₁, ‖x − x⁻‖ / 2‖∇f − ∇f⁻‖) with θ = tₖ₋₁/tₖ₋₂. It follows
/// the local curvature without a line search and without L, an evaluation a step, and converges
/// for convex f with a locally Lipschitz gradient.
struct MalitskyMishchenko {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;
    static constexpr bool learns = true;
    static constexpr bool measures_gradient = true;

    double initial = 1e-10;  ///< the first step, only to measure with: short is safe

    struct State {
        double step;
        double ratio = std::numeric_limits<double>::infinity();  // θ
        auto fields() { return std::tie(step, ratio); }
    };

    /// Throws std::invalid_argument for an initial step that is not positive.
    State start(const auto&, const auto&, const auto&) const {
        require_positive(initial, "MalitskyMishchenko.initial");
        return {initial};
    }

    double length(const Clock&, const State& state) const { return state.step; }

    template <class V>
    void learn(const Evaluation<V>& before, const Evaluation<V>& after, State& state) const {
        const auto moved = static_cast<double>((after.x - before.x).norm());
        const auto turned = static_cast<double>((after.gradient - before.gradient).norm());
        const double longest = std::sqrt(1 + state.ratio) * state.step;
        const double flat = moved / (2 * turned);
        double step = std::min(longest, flat);
        if (!std::isfinite(step)) step = 2 * state.step;  // no curvature met so far
        if (!(step > 0)) return;
        state.ratio = step / state.step;
        state.step = step;
    }
};

}  // namespace ermine
