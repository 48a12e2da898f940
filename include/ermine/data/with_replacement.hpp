// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <tuple>

#include <ermine/concepts/sampler.hpp>
#include <ermine/data/epoch.hpp>
#include <ermine/numerics/random.hpp>

namespace ermine {

/// Draws each example independently and uniformly, as the theory of stochastic gradients likes it;
/// an epoch is as many draws as there are examples, in which about a third of them never occur.
struct WithReplacement {
    std::uint64_t seed = 0;

    static constexpr bool each_once_an_epoch = false;
    static constexpr bool independent = true;
    static constexpr bool unbiased = true;

    struct State {
        Random random;
        Epoch epoch;  // its rows are scratch

        auto fields() { return std::tie(random, epoch.position); }
    };

    State start(Index examples) const { return {Random{seed}, Epoch{examples}}; }

    Batch draw(State& state, Index size) const {
        const auto examples = static_cast<std::uint64_t>(state.epoch.examples());
        for (std::int32_t& row : state.epoch.ahead(size)) {
            row = static_cast<std::int32_t>(state.random.below(examples));
        }
        return state.epoch.next(size);
    }
};

static_assert(Sampler<WithReplacement>);

}  // namespace ermine
