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

/// Visits the examples in a new random order each epoch (random reshuffling): what minibatch
/// methods do by default. In the long run it beats independent draws (Gürbüzbalaban, Ozdaglar &
/// Parrilo, "Why random reshuffling beats stochastic gradient descent", Math. Prog. 186, 2021).
struct ShuffledEachEpoch {
    std::uint64_t seed = 0;

    static constexpr bool each_once_an_epoch = true;
    static constexpr bool independent = false;
    static constexpr bool unbiased = true;

    struct State {
        Random random;
        Epoch epoch;

        auto fields() { return std::tie(random, epoch.rows, epoch.position); }
    };

    State start(Index examples) const { return {Random{seed}, Epoch{examples}}; }

    Batch draw(State& state, Index size) const {
        if (state.epoch.position == 0 &&
            !state.epoch.ahead(size).empty()) {  // refuses a bad size before shuffling
            shuffle(std::span{state.epoch.rows}, state.random);
        }
        return state.epoch.next(size);
    }
};

static_assert(Sampler<ShuffledEachEpoch>);

}  // namespace ermine
