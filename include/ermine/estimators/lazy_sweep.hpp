// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/penalty.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/estimators/example_draws.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/repeated_step.hpp>
#include <ermine/objectives/linear_terms.hpp>
#include <ermine/objectives/no_penalty.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ermine {

/// What a step on one example does with the change δ of its slope: the point moves by
/// −t (mean + push δ x), and the mean by fold δ x afterwards.
struct SlopeRule {
    double push = 1;
    double fold = 0;
};

/// Many steps on single examples of a linear sum, each of which costs the numbers that are stored
/// of its example. A coordinate is left alone until an example has it: then it makes up for the
/// steps that it has missed, all with the same slope, in O(1) (RepeatedStep); the penalty's
/// proximal map and ℓ2 are part of these. `Step` and what it keeps of a coordinate, X, are
/// RepeatedStep and a double, or a method's own.
template <class X, class Step>
struct LazySweep {
    /// Steps of a round at most: they bound the tables, and with them what a look-up costs.
    static constexpr Index most = Index{1} << 16;

    struct Cell {
        X x;
        double slope;        // of the mean
        std::int32_t since;  // the step before which x was brought up to date
    };

    std::vector<Cell> cells;
    Step step;
    Step free;  // for the intercept, which no penalty applies to

    /// Runs `count` <= most steps on examples that are drawn with replacement, from what `load`
    /// says of coordinate j, and hands the ends on to `store`. `slopes` are those that are
    /// remembered of the examples, and change where the rule folds. Returns the mean loss where the
    /// gradients were taken, over at most some thousand of the examples.
    template <class Terms, class P>
    double run(const Terms& terms, const P& penalty, SlopeRule rule, Index count,
               std::vector<double>& slopes, Random& random, const auto& load, const auto& store) {
        const Index d = terms.features();
        const auto size = static_cast<std::size_t>(d + (terms.intercept ? 1 : 0));
        cells.resize(size);
        for (std::size_t j = 0; j < size; ++j) {
            load(static_cast<Index>(j), cells[j].x, cells[j].slope);
            cells[j].since = 0;
        }
        ExampleDraws draws(terms, slopes, random, count);
        LossOnTheWay loss(count);
        const double length = step.length();
        Cell* const all = cells.data();
        for (Index k = 0; k < count; ++k) {
            const Index i = draws.next(k);
            const auto now = static_cast<std::int32_t>(k);
            double prediction = 0;
            terms.each(i, [&](Index j, double v) {
                Cell& cell = all[j];
                if (cell.since < now) {
                    penalty.drift(cell.x, cell.slope, Index{now} - cell.since, step);
                    cell.since = now;
                }
                prediction += v * step.seen(cell.x);
            });
            if (terms.intercept) {
                Cell& cell = all[d];
                if (k > 0) free.go(cell.x, cell.slope, 1);
                prediction += free.seen(cell.x);
            }
            const double slope = terms.slope(i, prediction);
            double& known = slopes[static_cast<std::size_t>(i)];
            const double change = slope - known;
            // the step's common part is made up for later, with the mean as it is then
            const double impulse = length * (rule.push - rule.fold) * change;
            const double fold = rule.fold * change;
            const auto move = [&](Cell& cell, double v) {
                step.push(cell.x, impulse * v);
                cell.slope += fold * v;
            };
            terms.each(i, [&](Index j, double v) { move(all[j], v); });
            if (terms.intercept) move(all[d], 1);
            if (rule.fold != 0) known = slope;
            loss.see(k, [&] { return terms.value(i, prediction); });
        }
        for (Index j = 0; j < d; ++j)
            if (count > all[j].since)
                penalty.drift(all[j].x, all[j].slope, count - all[j].since, step);
        if (terms.intercept && count > 0) free.go(all[d].x, all[d].slope, 1);
        for (std::size_t j = 0; j < size; ++j) store(static_cast<Index>(j), all[j].x, all[j].slope);
        return loss.mean();
    }
};

/// Whether a method may sweep lazily over F: a linear sum, with a penalty that offers `drift` or
/// none.
template <class F, class V, class Step = RepeatedStep>
inline constexpr bool sweeps_lazily = [] {
    if constexpr (!LinearSum<SmoothPart<F>>)
        return false;
    else if constexpr (!Composite<F, V>)
        return true;
    else if constexpr (requires(const F& f) { f.nonsmooth_part(); })
        return DriftingPenalty<
            std::remove_cvref_t<decltype(std::declval<const F&>().nonsmooth_part())>, Step>;
    else
        return false;
}();

/// The curvature that a step takes into the proximal map: that of the terms and of the penalty.
template <class Terms, class P>
double curvature_of(const Terms& terms, const P& penalty) {
    if constexpr (requires { penalty.strong_convexity(); })
        return terms.shift + penalty.strong_convexity();
    else
        return terms.shift;
}

}  // namespace ermine
