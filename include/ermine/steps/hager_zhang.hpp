// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/line_interval.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/steps/line.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <tuple>
#include <utility>

namespace ermine {

/// The line search of Hager & Zhang ("A new conjugate gradient method with guaranteed descent and
/// an efficient line search", SIAM J. Optim. 16, 2005, section 4): a step that satisfies Wolfe's
/// conditions φ(t) <= φ(0) + δ t φ'(0), φ'(t) >= σ φ'(0), or the approximate ones
/// (2δ − 1) φ'(0) >= φ'(t) >= σ φ'(0) (eq. 4.1) where φ(t) is not above φ(0) by more than
/// `tolerance` times the mean of past |φ|: a test of slopes alone, which rounding of the values
/// cannot spoil. The bracket shrinks by double secant steps and bisection (algorithm secant²).
/// A search that runs out of trials takes the lowest one.
struct HagerZhang {
    static constexpr Role role = Role::step;
    static constexpr bool searches = true;
    static constexpr bool keeps_best = true;

    double initial = 1;                ///< first trial of the first search, in lengths of 1/‖d‖
    double sufficient_decrease = 0.1;  ///< δ
    double curvature = 0.9;            ///< σ
    double tolerance = 1e-6;           ///< ε
    double expansion = 5;              ///< ρ, of the bracket
    double shrink = 0.66;              ///< γ: a bracket that shrinks less is bisected
    double memory = 0.7;               ///< Δ, of the mean of past |φ|
    int trials = 60;                   ///< most evaluations in one search

    struct State {
        double step = 0;
        double weight = 0;  // Q
        double mean = 0;    // C
        auto fields() { return std::tie(step, weight, mean); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool smooth = !Composite<F, V>;
        static_assert(smooth,
                      "HagerZhang needs a gradient of the whole objective, and a proximal penalty "
                      "(L1, ElasticNet, Box) has none: use Backtracking{}");
        return smooth;
    }

    /// Throws std::invalid_argument for an option out of its range: 0 < δ < ½, δ <= σ < 1.
    State start(const auto&, const auto&, const auto&) const {
        require_positive(initial, "HagerZhang.initial");
        require_nonnegative(tolerance, "HagerZhang.tolerance");
        require_inside("HagerZhang.sufficient_decrease", 0, sufficient_decrease, 0.5);
        require_inside("HagerZhang.curvature", sufficient_decrease, curvature, 1);
        require_inside("HagerZhang.shrink", 0, shrink, 1);
        require_inside("HagerZhang.memory", 0, memory, 1);
        require_inside("HagerZhang.expansion", 1, expansion, 1e6);
        require_count(trials, "HagerZhang.trials");
        return {};
    }

    /// The accepted step, whose point is line.there; 0 if there is none.
    template <class L>
    double search(L& line, State& state) const {
        const double slope = line.slope_here();  // −φ'(0)
        if (!(slope > 0)) return 0;
        state.weight = 1 + state.weight * memory;
        state.mean += (std::abs(line.here.value) - state.mean) / state.weight;
        Search<L> search{*this, line, slope, tolerance * state.mean, {0, 0, -slope}};
        search.run(first_trial(line, state));
        if (search.accepted) return state.step = search.last.t;
        if (search.lowest.t > 0 && line.take_best()) return state.step = search.lowest.t;
        return 0;
    }

private:
    static void require_inside(const char* option, double low, double value, double high) {
        if (!(low < value && value < high))
            refuse(option, std::to_string(value),
                   ("it must lie between " + std::to_string(low) + " and " + std::to_string(high))
                       .c_str());
    }

    template <class L>
    double first_trial(const L& line, const State& state) const {
        if (line.unit_length) return 1;
        if (state.step > 0) return 2 * state.step;
        return initial / std::sqrt(static_cast<double>(line.direction.squaredNorm()));
    }

    /// One search: ends when a trial is accepted or the trials are used up.
    template <class L>
    struct Search {
        const HagerZhang& options;
        L& line;
        double slope;  // −φ'(0)
        double room;   // ε C: how far a value may lie above φ(0) and count as low
        LinePoint a;   // the bracket: φ'(a) < 0 and φ(a) low, φ'(b) >= 0
        LinePoint b{};
        LinePoint last{};
        LinePoint lowest{};
        bool accepted = false;
        int used = 0;

        bool over() const { return accepted || used >= options.trials; }
        bool low(const LinePoint& p) const { return p.value <= room; }

        void run(double t) {
            bracket(t);
            while (!over()) {
                const double width = b.t - a.t;
                double_secant();
                if (!over() && b.t - a.t > options.shrink * width) update((a.t + b.t) / 2);
                if (!(b.t - a.t > 4 * std::numeric_limits<double>::epsilon() * b.t)) break;
            }
        }

        LinePoint evaluate(double t) {
            ++used;
            line.at(t);
            const double slope_there = line.slope_there();
            const bool bottomless = line.there.value == -std::numeric_limits<double>::infinity();
            if (bottomless || !std::isfinite(line.there.value) || !std::isfinite(slope_there)) {
                accepted = bottomless;
                return last = {t, std::numeric_limits<double>::infinity(), -slope};
            }
            last = {t, line.change(t, slope, slope_there), -slope_there};
            const double delta = options.sufficient_decrease;
            const bool flat = last.slope >= -options.curvature * slope;
            const bool decreased = last.value <= -delta * t * slope;
            const bool nearly = low(last) && last.slope <= (1 - 2 * delta) * slope;
            accepted = flat && (decreased || nearly);
            if (!accepted && last.value < lowest.value) {
                lowest = last;
                swap(*line.best, line.there);
            }
            return last;
        }

        /// Grows the trial until the bracket holds a minimum.
        void bracket(double t) {
            while (!over()) {
                const LinePoint c = evaluate(t);
                if (over()) return;
                if (c.slope >= 0) {
                    b = c;
                    return;
                }
                if (!low(c)) return bisect(c);
                a = c;
                t *= options.expansion;
            }
        }

        /// Shrinks [a, high], where φ(high) is high with a slope downwards.
        void bisect(LinePoint high) {
            while (!over()) {
                const double t = (a.t + high.t) / 2;
                if (t == a.t || t == high.t) {
                    used = options.trials;
                    return;
                }
                const LinePoint d = evaluate(t);
                if (d.slope >= 0) {
                    b = d;
                    return;
                }
                (low(d) ? a : high) = d;
            }
        }

        /// Takes the trial t into the bracket; false if it lies outside.
        bool update(double t) {
            if (!(a.t < t && t < b.t)) return false;
            const LinePoint c = evaluate(t);
            if (over()) return true;
            if (c.slope >= 0)
                b = c;
            else if (low(c))
                a = c;
            else
                bisect(c);
            return true;
        }

        static double secant(const LinePoint& p, const LinePoint& q) {
            return (p.t * q.slope - q.t * p.slope) / (q.slope - p.slope);
        }

        void double_secant() {
            const LinePoint left = a;
            const LinePoint right = b;
            const double c = secant(a, b);
            if (!update(c)) {
                update((a.t + b.t) / 2);
                return;
            }
            if (over()) return;
            if (c == b.t)
                update(secant(right, b));
            else if (c == a.t)
                update(secant(left, a));
        }
    };
};

}  // namespace ermine
