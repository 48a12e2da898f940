// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/data/shuffled_each_epoch.hpp>

#include <cstdint>

/// Shuffles the examples anew each epoch, or takes them as they are stored, where they are in
/// random order already.
struct EpochOrder {
    std::uint64_t seed = 0;
    bool as_stored = false;

    static constexpr bool each_once_an_epoch = true;
    static constexpr bool independent = false;
    static constexpr bool unbiased = true;

    using State = ermine::ShuffledEachEpoch::State;

    State start(ermine::Index examples) const {
        return ermine::ShuffledEachEpoch{seed}.start(examples);
    }

    ermine::Batch draw(State& state, ermine::Index size) const {
        return as_stored ? state.epoch.next(size)
                         : ermine::ShuffledEachEpoch{seed}.draw(state, size);
    }
};

static_assert(ermine::Sampler<EpochOrder>);
