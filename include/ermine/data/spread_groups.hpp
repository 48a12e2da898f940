// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <tuple>
#include <vector>

#include <ermine/concepts/sampler.hpp>
#include <ermine/data/epoch.hpp>
#include <ermine/data/groups.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/shuffle.hpp>

namespace ermine {

/// Options of SpreadGroups.
struct SpreadGroupsOptions {
    std::uint64_t seed = 0;
};

/// Visits the examples in a new random order each epoch that keeps those of one group apart: for
/// rows that resemble one another, such as the frames of a video, of which a batch of neighbours
/// says little more than one of them. `SpreadGroups{video_numbers, {.seed = 7}}`.
///
/// Of an epoch of B batches, a group with at most B − 1 examples (B, if the last batch is full) has
/// at most one in each batch; of a larger one there are as few in a batch as can be. The groups, in
/// random order, are dealt to the batches as cards are dealt, beginning at a random card, and the
/// batches come in random order; each place is uniform over all examples. Batches are those of the
/// size of the epoch's first: drawing another size in the middle of an epoch cuts the same order
/// differently.
class SpreadGroups {
public:
    static constexpr bool each_once_an_epoch = true;
    static constexpr bool independent = false;
    static constexpr bool unbiased = true;

    struct State {
        Random random;
        Epoch epoch;
        std::vector<std::int32_t> dealt;    // scratch: rows, group by group, in random order
        std::vector<std::int32_t> order;    // scratch: of the groups
        std::vector<std::int32_t> batches;  // scratch: the order of the batches

        auto fields() { return std::tie(random, epoch.rows, epoch.position); }
    };

    /// From one number an example that says which group it belongs to.
    template <class Labels>
    explicit SpreadGroups(const Labels& labels, SpreadGroupsOptions options = {})
        : seed_(options.seed), groups_(std::make_shared<const Groups>(labels)) {}

    State start(Index examples) const {
        groups_->require(examples, "SpreadGroups");
        const auto count = static_cast<std::size_t>(groups_->count());
        return {Random{seed_}, Epoch{examples}, groups_->rows, std::vector<std::int32_t>(count),
                groups_->rows};
    }

    Batch draw(State& state, Index size) const {
        // refuses a bad size before shuffling
        if (!state.epoch.ahead(size).empty() && state.epoch.position == 0)
            arrange(state, static_cast<std::size_t>(size));
        return state.epoch.next(size);
    }

private:
    std::uint64_t seed_;
    std::shared_ptr<const Groups> groups_;

    void arrange(State& state, std::size_t size) const {
        std::iota(state.order.begin(), state.order.end(), 0);
        shuffle(std::span{state.order}, state.random);
        auto end = state.dealt.begin();
        for (const std::int32_t k : state.order) {
            const Batch members = groups_->members(k);
            const auto begin = end;
            end = std::copy(members.begin(), members.end(), begin);
            shuffle(std::span(begin, end), state.random);
        }
        const std::size_t n = state.dealt.size();
        const std::size_t full = n / size;
        const std::span<std::int32_t> batches = std::span{state.batches}.first(full);
        std::iota(batches.begin(), batches.end(), 0);
        shuffle(batches, state.random);
        auto card = static_cast<std::size_t>(state.random.below(n));
        const auto deal = [&](std::size_t place) {
            state.epoch.rows[place] = state.dealt[card];
            if (++card == n) card = 0;
        };
        // A short last batch is dealt to for as many rounds as it has places.
        for (std::size_t round = 0; round < size; ++round) {
            for (const std::int32_t b : batches) deal(static_cast<std::size_t>(b) * size + round);
            if (full * size + round < n) deal(full * size + round);
        }
    }
};

static_assert(Sampler<SpreadGroups>);

}  // namespace ermine
