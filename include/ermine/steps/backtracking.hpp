// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/steps/line.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <tuple>

namespace ermine {

/// The longest step of a shrinking sequence that decreases enough (Armijo 1966):
/// f(x − t d) <= f(x) − c t dᵀ∇f(x). With a proximal part, x⁺ = prox(x − t d), and before
/// Nesterov's tail, the one over which a parabola of curvature 1/t lies above f: f(x⁺) <= f(x) +
/// ∇f(x)ᵀ(x⁺ − x) + ‖x⁺ − x‖² / 2t, so that F decreases by ‖x⁺ − x‖² / 2t or more (Beck & Teboulle
/// 2009, section 4). The next trial minimizes the parabola through what is known, within [shrink/5,
/// shrink] of the last. The first is 1 for directions of Newton's length, otherwise twice the last
/// accepted step, or just that while Nesterov's tail has momentum, whose rate needs steps that
/// don't grow. Where differences of f drown in rounding, gradients decide (the approximate Wolfe
/// condition of Hager & Zhang 2005, eq. 27).
struct Backtracking {
    static constexpr Role role = Role::step;
    static constexpr bool searches = true;

    double initial = 1;                 ///< first trial of the first search
    double shrink = 0.5;                ///< the most of a step that is tried after it failed
    double sufficient_decrease = 1e-4;  ///< c; not used with a proximal part
    int trials = 60;                    ///< then no step is found

    struct State {
        double last = 0;
        double grown = 0;  // ‖∇f‖² where it has grown last, while differences of f drown
        auto fields() { return std::tie(last, grown); }
    };

    /// Throws std::invalid_argument for an option out of its range.
    State start(const auto&, const auto&, const auto&) const {
        require_positive(initial, "Backtracking.initial");
        require_fraction(shrink, "Backtracking.shrink");
        require_fraction(sufficient_decrease, "Backtracking.sufficient_decrease");
        if (trials < 1)
            throw std::invalid_argument("Backtracking.trials is " + std::to_string(trials) +
                                        ": it must be at least 1");
        return {};
    }

    /// The accepted step, whose point is line.there; 0 if there is none.
    template <class L>
    double search(L& line, State& state) const {
        if constexpr (!L::composite)
            if (!(line.slope_here() >= 0)) return 0;  // d points uphill, or is NaN
        double t = first_trial(line, state);
        for (int trial = 0; trial < trials; ++trial) {
            line.at(t);
            double best = 0;
            if (line.majorizes) {
                if (accepts_parabola(line, t, best)) return state.last = t;
                // nowhere to go from here, but momentum may lead on
                if (line.there.x == line.here.x) return line.may_grow ? 0 : state.last;
            } else {
                if constexpr (!L::composite)
                    if (accepts_decrease(line, t, trial == 0, state, best)) {
                        if (!line.unit_length) state.last = t;  // else no search asks for it
                        return t;
                    }
            }
            t = best > 0 ? std::clamp(best, t * shrink / 5, t * shrink) : t * shrink / 5;
        }
        return 0;
    }

private:
    template <class L>
    double first_trial(const L& line, const State& state) const {
        if (line.unit_length) return 1;
        if (state.last > 0) return line.may_grow ? 2 * state.last : state.last;
        return initial;
    }

    /// Armijo's test; `best` is the step that the parabola through both values and the slope names.
    template <class L>
    bool accepts_decrease(const L& line, double t, bool first, State& state, double& best) const {
        const double slope = line.slope_here();
        const double change = line.there.value - line.here.value;
        // what is asked for may round to nothing: then the value must still have fallen, but at a
        // stationary point, where there is nowhere to go
        if (change <= -sufficient_decrease * t * slope && (change < 0 || slope == 0)) {
            if (state.grown > 0 && !line.drowns()) state.grown = 0;
            return true;
        }
        best = t * t * slope / (2 * (change + t * slope));
        if (!line.drowns()) return false;
        // the slope must not have turned, and the gradient must have shrunk: so this ends
        const double there = line.slope_there();
        if (!(-there <= (1 - 2 * sufficient_decrease) * slope)) return false;
        const double size = static_cast<double>(line.there.gradient.squaredNorm());
        if (size < static_cast<double>(line.here.gradient.squaredNorm())) return true;
        // beside a saddle it grows, and the way goes on down: each time to more than ever since
        // values could be told apart, for rounding would go in circles otherwise
        if (!(first && there >= slope / 4 && size > state.grown)) return false;
        state.grown = size;
        return true;
    }

    /// Whether the parabola of curvature 1/t lies above f at the trial, or in the noise, whether
    /// the curvature met on the way there is at most 1/t; `best` is 1 / the curvature seen.
    template <class L>
    static bool accepts_parabola(const L& line, double t, double& best) {
        const auto moved = line.there.x - line.here.x;
        const double squared = static_cast<double>(moved.squaredNorm());
        if (!(squared > 0)) return false;
        const double rise = line.there.value - line.here.value;
        const double bend = rise - static_cast<double>(moved.dot(line.here.gradient));
        const double length = t * line.gain;
        best = squared / (2 * bend) / line.gain;
        if (bend <= squared / (2 * length)) return true;
        return line.drowns() &&
               static_cast<double>(moved.dot(line.there.gradient - line.here.gradient)) <=
                   squared / length;
    }
};

}  // namespace ermine
