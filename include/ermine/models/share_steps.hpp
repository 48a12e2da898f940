// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <ermine/numerics/parallel.hpp>

namespace ermine {

/// What a thread has of a step of a recurrent layer: cells of so many examples, and of a product
/// with so many columns a part of its rows.
struct StepShare {
    Index first, count;
    Index first_column, columns;
    Index part = 0, parts = 1;
};

/// one(step, share) and then other(step, share), step after step, for a layer whose recurrent
/// weights take so many bytes. Examples that go together in time are a thread's own; but where the
/// weights are too many to stay in its cache, threads share their rows and wait for each other.
template <class One, class Other>
void share_steps(Index steps, Index examples, Index bytes, const One& one, const Other& other) {
    constexpr Index cached = Index{1} << 20;
    const Index threads = threads_at_hand();
    if (threads > 1 && bytes >= cached) {
        const auto of = [=](Index part) {
            const Index first = part * examples / threads;
            const Index end = (part + 1) * examples / threads;
            return StepShare{first, end - first, 0, examples, part, threads};
        };
        for_each_step(
            steps, threads, [&](Index step, Index part) { one(step, of(part)); },
            [&](Index step, Index part) { other(step, of(part)); });
        return;
    }
    const Index groups = std::max((examples + 15) / 16, std::min<Index>(examples / 4, 2));
    const Chunks cut{examples, (examples + groups - 1) / std::max<Index>(groups, 1)};
    for_each_chunk(cut.count(), [&](Index k) {
        const Index count = cut.end(k) - cut.begin(k);
        const StepShare share{cut.begin(k), count, cut.begin(k), count};
        for (Index step = 0; step < steps; ++step) {
            one(step, share);
            other(step, share);
        }
    });
}

}  // namespace ermine
