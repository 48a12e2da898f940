// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/estimators/gradient_table.hpp>
#include <ermine/estimators/lazy_sweep.hpp>
#include <ermine/estimators/scaled_sweep.hpp>
#include <ermine/estimators/slope_table.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/repeated_step.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ermine {

/// What Saga and Sag remember: the last gradient of each example, and their mean. The table is
/// filled at the starting point, which counts as an epoch, or begins with zeros.
template <class F, class V>
struct RememberedGradients {
    using Table = std::conditional_t<LinearSum<F>, SlopeTable, GradientTable<V>>;

    Table table;
    Random random;
    LazySweep<double, RepeatedStep> lazy;  // scratch
    ScaledSweep scaled;                    // scratch
    std::int32_t example = 0;
    double owed = 0;  // epochs that were worked and not yet counted
    auto fields() { return std::tuple_cat(table.fields(), std::tie(random, example, owed)); }

    RememberedGradients(const F& f, const V& x, std::uint64_t seed, bool filled)
        : table(f, x, filled), random(seed), owed(filled ? 1 : 0) {}

    double draw(const F& f) {
        const Index n = f.examples();
        example = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(n)));
        return std::exchange(owed, 0) + 1 / static_cast<double>(n);
    }

    /// A round of min(n, 65536) steps: returns the mean loss on the way, ℓ2 at its end included.
    template <class P>
    double sweep(const F& f, const P& penalty, double length, V& x, Clock& clock, SlopeRule rule) {
        const Index n = f.examples();
        const Index count = std::min(n, lazy.most);
        const auto terms = f.linear_terms(count);
        const auto load = [&](Index j, double& number, double& slope) {
            number = static_cast<double>(x[j]);
            slope = table.mean[j];
        };
        const auto store = [&](Index j, double number, double slope) {
            x[j] = static_cast<typename V::Scalar>(number);
            table.mean[j] = slope;
        };
        double loss = 0;
        if constexpr (std::same_as<P, NoPenalty>) {
            loss = scaled.run(terms, length, rule, count, table.slopes, random, load, store);
        } else {
            lazy.step.prepare(length, curvature_of(terms, penalty), count);
            lazy.free.prepare(length, 0, 1);
            loss = lazy.run(terms, penalty, rule, count, table.slopes, random, load, store);
        }
        clock.epoch += std::exchange(owed, 0) + static_cast<double>(count) / static_cast<double>(n);
        return loss + terms.shift / 2 * static_cast<double>(x.head(terms.features()).squaredNorm());
    }
};

}  // namespace ermine
