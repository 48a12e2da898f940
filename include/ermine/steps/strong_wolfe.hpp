// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/line_interval.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/steps/line.hpp>

#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

namespace ermine {

/// A step t that decreases enough and where the slope has flattened, the strong Wolfe conditions
/// φ(t) <= φ(0) + c₁ t φ'(0) and |φ'(t)| <= c₂ |φ'(0)|, by the search of Moré & Thuente ("Line
/// search algorithms with guaranteed sufficient decrease", ACM TOMS 20, 1994): an interval that
/// holds such a step shrinks around it, by cubic and quadratic interpolation of values and slopes.
/// The first trial is 1 for directions of Newton's length; otherwise it promises the same decrease
/// to first order as the last step did (Nocedal & Wright 2006, section 3.5). Where differences of φ
/// drown in rounding, slopes stand in for them (see Line::change). A trial that is not finite ends
/// the interval there. A search that runs out of trials takes the lowest one.
struct StrongWolfe {
    static constexpr Role role = Role::step;
    static constexpr bool searches = true;
    static constexpr bool keeps_best = true;

    double initial = 1;                 ///< first trial of the first search, in lengths of 1/‖d‖
    double sufficient_decrease = 1e-4;  ///< c₁
    double curvature = 0.9;             ///< c₂: smaller for conjugate gradients, e.g. 0.1
    int trials = 40;                    ///< most evaluations in one search

    struct State {
        double promise = 0;  // t φ'(0) of the last step
        auto fields() { return std::tie(promise); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool smooth = !Composite<F, V>;
        static_assert(smooth,
                      "StrongWolfe needs a gradient of the whole objective, and a proximal penalty "
                      "(L1, ElasticNet, Box) has none: use Backtracking{}");
        return smooth;
    }

    /// Throws std::invalid_argument for an option out of its range: 0 < c₁ < c₂ < 1.
    State start(const auto&, const auto&, const auto&) const {
        require_positive(initial, "StrongWolfe.initial");
        require_between(curvature, 0, 1, "StrongWolfe.curvature");
        if (!(0 < sufficient_decrease && sufficient_decrease < curvature && curvature < 1))
            refuse("StrongWolfe.sufficient_decrease", sufficient_decrease,
                   "0 < sufficient_decrease < curvature < 1 is needed");
        require_count(trials, "StrongWolfe.trials");
        return {};
    }

    /// The accepted step, whose point is line.there; 0 if there is none.
    template <class L>
    double search(L& line, State& state) const {
        const double slope = line.slope_here();  // −φ'(0)
        if (!(slope > 0)) return 0;
        double t = first_trial(line, slope, state);
        LineInterval interval({0, 0, -slope}, sufficient_decrease);
        for (int trial = 0; trial < trials; ++trial) {
            line.at(t);
            const double slope_there = line.slope_there();
            if (!std::isfinite(line.there.value) || !std::isfinite(slope_there)) {
                if (line.there.value == -std::numeric_limits<double>::infinity()) return t;
                t = interval.retreat(t);
                continue;
            }
            const double change = line.change(t, slope, slope_there);
            if (change <= -sufficient_decrease * t * slope &&
                std::abs(slope_there) <= curvature * slope) {
                state.promise = t * slope;
                return t;
            }
            const bool better = interval.take({t, change, -slope_there});
            if (better) swap(*line.best, line.there);
            if (interval.exhausted()) break;
            t = interval.next();
        }
        const double lowest = interval.best().t;
        if (!(lowest > 0) || !line.take_best()) return 0;
        state.promise = lowest * slope;
        return lowest;
    }

private:
    template <class L>
    double first_trial(const L& line, double slope, const State& state) const {
        if (line.unit_length) return 1;
        if (state.promise > 0) return state.promise / slope;
        return initial / std::sqrt(static_cast<double>(line.direction.squaredNorm()));
    }
};

}  // namespace ermine
