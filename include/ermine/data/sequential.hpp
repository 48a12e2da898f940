// SPDX-License-Identifier: MIT
#pragma once

#include <tuple>

#include <ermine/concepts/sampler.hpp>
#include <ermine/data/epoch.hpp>

namespace ermine {

/// Visits the examples in the order in which they are stored: for data that is already in random
/// order, or to evaluate. On sorted data its batches are biased.
struct Sequential {
    static constexpr bool each_once_an_epoch = true;
    static constexpr bool independent = false;
    static constexpr bool unbiased = false;

    struct State {
        Epoch epoch;

        auto fields() { return std::tie(epoch.position); }
    };

    State start(Index examples) const { return {Epoch{examples}}; }

    Batch draw(State& state, Index size) const { return state.epoch.next(size); }
};

static_assert(Sampler<Sequential>);

}  // namespace ermine
