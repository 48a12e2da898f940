// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <cmath>
#include <optional>
#include <tuple>

namespace ermine {

/// The two-point step of Barzilai & Borwein (IMA J. Numer. Anal. 8, 1988): the inverse of the
/// curvature met in the last step s = x⁺ − x, y = ∇f⁺ − ∇f, sᵀs/sᵀy (their eq. 6, long), sᵀy/yᵀy
/// (eq. 5, short), or both in turns. Values rise and fall on the way. It converges on strictly
/// convex quadratics (Raydan 1993); elsewhere it may not: use Nonmonotone{}, which takes it for
/// its first trial. Where the curvature is not positive the last step is kept.
struct BarzilaiBorwein {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;
    static constexpr bool learns = true;
    static constexpr bool measures_gradient = true;

    enum class Form { longer, shorter, alternating };

    Form form = Form::alternating;
    std::optional<double> initial = std::nullopt;  ///< the first step; none: min(1, 1/‖∇f‖)

    struct State {
        double step = 0;
        bool turn = false;
        auto fields() { return std::tie(step, turn); }
    };

    /// Throws std::invalid_argument for an initial step that is not positive.
    State start(const auto&, const auto&, const auto&) const {
        if (initial) require_positive(*initial, "BarzilaiBorwein.initial");
        return {initial.value_or(0)};
    }

    template <class V>
    double length(const Evaluation<V>& here, const Clock&, const State& state) const {
        if (state.step > 0) return state.step;
        const auto norm = static_cast<double>(here.gradient.norm());
        return norm > 1 ? 1 / norm : 1;
    }

    template <class V>
    void learn(const Evaluation<V>& before, const Evaluation<V>& after, State& state) const {
        const auto s = after.x - before.x;
        const auto y = after.gradient - before.gradient;
        const auto sy = static_cast<double>(s.dot(y));
        const bool longer = form == Form::longer || (form == Form::alternating && state.turn);
        state.turn = !state.turn;
        const double step = longer ? static_cast<double>(s.squaredNorm()) / sy
                                   : sy / static_cast<double>(y.squaredNorm());
        if (sy > 0 && step > 0 && std::isfinite(step))
            state.step = step;
        else if (state.step == 0)
            state.step =
                static_cast<double>(s.norm()) / static_cast<double>(before.gradient.norm());
    }
};

}  // namespace ermine
