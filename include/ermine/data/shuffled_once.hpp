// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <tuple>

#include <ermine/concepts/sampler.hpp>
#include <ermine/data/epoch.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/shuffle.hpp>

namespace ermine {

/// Visits the examples in one random order, the same in each epoch: what is read from a store that
/// was shuffled once. The state saves its position only, for the order follows from the seed.
struct ShuffledOnce {
    std::uint64_t seed = 0;

    static constexpr bool each_once_an_epoch = true;
    static constexpr bool independent = false;
    static constexpr bool unbiased = true;

    struct State {
        Epoch epoch;

        auto fields() { return std::tie(epoch.position); }
    };

    State start(Index examples) const {
        State state{Epoch{examples}};
        Random random{seed};
        shuffle(std::span{state.epoch.rows}, random);
        return state;
    }

    Batch draw(State& state, Index size) const { return state.epoch.next(size); }
};

static_assert(Sampler<ShuffledOnce>);

}  // namespace ermine
