// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/estimators/example_draws.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ermine {

/// LazySweep where there is no penalty but ℓ2: all that a coordinate misses is then linear, and
/// nothing has to be made up for. With ρ = 1/(1 + t c), after k steps
///
///     x = ρᵏ (z − B s),     B = t (1 + ρ⁻¹ + … + ρ^{−(k − 1)}),
///
/// for every coordinate, of which z and the mean's slope s change only where an example has it: a
/// step reads two numbers a stored one and adds to them. As ρ⁻ᵏ grows, the coordinates are written
/// out and taken in again at times.
struct ScaledSweep {
    static constexpr Index most = Index{1} << 16;  ///< steps of a round

    std::vector<Eigen::Array2d> cells;  // z and s

    /// As LazySweep::run, with steps of that length and the curvature of the terms.
    template <class Terms, class Rule>
    double run(const Terms& terms, double length, Rule rule, Index count,
               std::vector<double>& slopes, auto& random, const auto& load, const auto& store) {
        const Index d = terms.features();
        const auto size = static_cast<std::size_t>(d + (terms.intercept ? 1 : 0));
        cells.resize(size);
        for (std::size_t j = 0; j < size; ++j)
            load(static_cast<Index>(j), cells[j][0], cells[j][1]);
        const double growth = 1 + length * terms.shift;
        ExampleDraws draws(terms, slopes, random, count);
        LossOnTheWay loss(count);
        Eigen::Array2d* const all = cells.data();
        double b = 0;      // the intercept, ...
        double b_way = 0;  // ... to which no penalty applies
        if (terms.intercept) b = all[d][0];
        double inverse = 1;  // ρ⁻ᵏ
        double way = 0;      // B
        const auto restart = [&] {
            const double scale = 1 / inverse;
            for (Index j = 0; j < d; ++j) all[j][0] = scale * (all[j][0] - way * all[j][1]);
            inverse = 1;
            way = 0;
        };
        for (Index k = 0; k < count; ++k) {
            const Index i = draws.next(k);
            const double scale = 1 / inverse;  // before the sums, so that nothing waits for it
            const Eigen::Array2d sums = d > 0 ? terms.sum(i, all) : Eigen::Array2d(0, 0);
            double prediction = scale * (sums[0] - way * sums[1]);
            if (terms.intercept) prediction += b - b_way * all[d][1];
            const double slope = terms.slope(i, prediction);
            double& known = slopes[static_cast<std::size_t>(i)];
            const double change = slope - known;
            // the step's common part comes with the mean as it is after it
            const double push = length * (rule.push - rule.fold) * change;
            const double fold = rule.fold * change;
            const Eigen::Array2d by(fold * way - push * inverse, fold);
            terms.each(i, [&](Index j, double x) { all[j] += x * by; });
            if (terms.intercept) {
                b += fold * b_way - push;
                all[d][1] += fold;
                b_way += length;
            }
            if (rule.fold != 0) known = slope;
            loss.see(k, [&] { return terms.value(i, prediction); });
            way += length * inverse;
            inverse *= growth;
            if (inverse > 1e4) restart();
        }
        restart();
        if (terms.intercept) all[d][0] = b - b_way * all[d][1];
        for (std::size_t j = 0; j < size; ++j) store(static_cast<Index>(j), all[j][0], all[j][1]);
        return loss.mean();
    }
};

}  // namespace ermine
