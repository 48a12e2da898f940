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
/// F(x − t d) <= F(x) − c t dᵀ∇F(x), or with a proximal part F(x⁺) <= F(x) − c ‖x⁺ − x‖² / t
/// (Tseng & Yun 2009). The next trial minimizes the parabola through what is known, within
/// [shrink/5, shrink] of the last. It begins at 1 for directions of Newton's length, otherwise at
/// twice the last accepted step. Where differences of F drown in rounding, a gradient test decides
/// (the approximate Wolfe condition of Hager & Zhang 2005, eq. 27).
struct Backtracking {
    static constexpr Role role = Role::step;
    static constexpr bool searches = true;

    double initial = 1;                 ///< first trial of the first search
    double shrink = 0.5;                ///< the most of a step that is tried after it failed
    double sufficient_decrease = 1e-4;  ///< c
    int trials = 60;                    ///< then no step is found

    struct State {
        double last = 0;
        auto fields() { return std::tie(last); }
    };

    /// Throws std::invalid_argument for an option out of its range.
    State start(const auto&, const auto&, const auto&) const {
        require_positive(initial, "Backtracking.initial");
        require_inside(shrink, "Backtracking.shrink");
        require_inside(sufficient_decrease, "Backtracking.sufficient_decrease");
        if (trials < 1)
            throw std::invalid_argument("Backtracking.trials is " + std::to_string(trials) +
                                        ": it must be at least 1");
        return {};
    }

    /// The accepted step, whose point is line.there; 0 if there is none.
    template <class L>
    double search(L& line, State& state) const {
        double slope = 0;
        if constexpr (!L::composite) {
            slope = line.slope_here();
            if (!(slope >= 0)) return 0;  // d points uphill, or is NaN
        }
        const double here = line.value_here();
        double t = line.unit_length ? 1 : state.last > 0 ? 2 * state.last : initial;
        for (int trial = 0; trial < trials; ++trial) {
            line.at(t);
            if constexpr (L::composite)
                slope = static_cast<double>((line.there.x - line.here.x).squaredNorm()) / (t * t);
            const double there = line.value_there();
            if (there <= here - sufficient_decrease * t * slope ||
                accepts_in_noise(line, t, here, there, slope))
                return state.last = t;
            const double bend = there - here + t * slope;  // of the parabola, times t²
            const double best = t * t * slope / (2 * bend);
            t = best > 0 ? std::clamp(best, t * shrink / 5, t * shrink) : t * shrink / 5;
        }
        return 0;
    }

private:
    static void require_inside(double value, const char* option) {
        if (!(value > 0 && value < 1))
            throw std::invalid_argument(std::string(option) + " is " + std::to_string(value) +
                                        ": it must lie between 0 and 1");
    }

    /// Values that agree to ten digits cannot be trusted to order points: then the slope at the
    /// trial must not have grown, and the gradient must have shrunk, so that this comes to an end.
    /// With a proximal part, the curvature met on the way must be at most 1/t.
    template <class L>
    bool accepts_in_noise(const L& line, [[maybe_unused]] double t, double here, double there,
                          double slope) const {
        if (!(std::abs(there - here) <= 1e-10 * std::abs(here))) return false;
        if constexpr (L::composite) {
            const auto moved = line.there.x - line.here.x;
            const auto bent = line.there.gradient - line.here.gradient;
            return static_cast<double>(bent.dot(moved)) <= t * slope;
        } else {
            return -line.slope_there() <= (1 - 2 * sufficient_decrease) * slope &&
                   line.there.gradient.squaredNorm() < line.here.gradient.squaredNorm();
        }
    }
};

}  // namespace ermine
