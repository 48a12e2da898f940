// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/estimators/lazy_sweep.hpp>
#include <ermine/estimators/scaled_sweep.hpp>
#include <ermine/estimators/slope_table.hpp>
#include <ermine/estimators/snapshot.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/repeated_step.hpp>
#include <ermine/objectives/no_penalty.hpp>

#include <algorithm>
#include <concepts>
#include <cstdint>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ermine {

/// What Svrg and LooplessSvrg remember: the gradients of all examples at a snapshot of the point,
/// and their mean. It is made at the starting point, and anew when as many steps are done as
/// `period(random)` says; each time counts as an epoch.
template <class F, class V>
struct SnapshotGradients {
    static constexpr bool linear = LinearSum<F>;
    using Table = std::conditional_t<linear, SlopeTable, Snapshot<V>>;
    /// Gradients of one example that an estimate takes: of a linear sum those at the snapshot are
    /// remembered.
    static constexpr double gradients = linear ? 1 : 2;

    Table table;
    Random random;
    LazySweep<double, RepeatedStep> lazy;  // scratch
    ScaledSweep scaled;                    // scratch
    std::int64_t until = 0;                // steps with this snapshot that are left
    std::int32_t example = 0;
    double owed = 1;   // epochs that were worked and not yet counted
    bool due = false;  // whether the next estimate renews the snapshot
    auto fields() {
        return std::tuple_cat(table.fields(), std::tie(random, until, example, owed, due));
    }

    SnapshotGradients(const F& f, const V& x, std::uint64_t seed, const auto& period)
        : table(f, x), random(seed) {
        until = period(random);
    }

    double draw(const F& f, const auto& period) {
        const Index n = f.examples();
        if (until == 0) {
            due = true;
            until = period(random);
            owed += 1;
        }
        --until;
        example = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(n)));
        return std::exchange(owed, 0) + gradients / static_cast<double>(n);
    }

    double estimate(const F& f, const V& x, V& g) {
        if (std::exchange(due, false)) table.refresh(f, x);
        return table.estimate(f, example, x, g, 1, false);
    }

    /// A round of at most min(n, 65536) steps, which ends where the snapshot does: returns the mean
    /// loss on the way, ℓ2 at its end included.
    template <class P>
    double sweep(const F& f, const P& penalty, double length, V& x, Clock& clock,
                 const auto& period) {
        if (until == 0) {
            table.refresh(f, x);
            until = period(random);
            owed += 1;
        }
        const Index n = f.examples();
        const Index most = std::min(n, lazy.most);
        const Index count = std::min(most, Index{until});
        until -= count;
        const auto terms = f.linear_terms(count);
        const auto load = [&](Index j, double& number, double& slope) {
            number = static_cast<double>(x[j]);
            slope = table.mean[j];
        };
        const auto store = [&](Index j, double number, double) {
            x[j] = static_cast<typename V::Scalar>(number);
        };
        double loss = 0;
        if constexpr (std::same_as<P, NoPenalty>) {
            loss = scaled.run(terms, length, SlopeRule{}, count, table.slopes, random, load, store);
        } else {
            lazy.step.prepare(length, curvature_of(terms, penalty), most);
            lazy.free.prepare(length, 0, 1);
            loss = lazy.run(terms, penalty, {}, count, table.slopes, random, load, store);
        }
        clock.epoch += std::exchange(owed, 0) + static_cast<double>(count) / static_cast<double>(n);
        return loss + terms.shift / 2 * static_cast<double>(x.head(terms.features()).squaredNorm());
    }
};

}  // namespace ermine
