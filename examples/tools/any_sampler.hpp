// SPDX-License-Identifier: MIT
#pragma once

#include "paired.hpp"

#include <ermine/data/class_balanced.hpp>
#include <ermine/data/sequential.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/data/shuffled_once.hpp>
#include <ermine/data/stratified.hpp>
#include <ermine/data/with_replacement.hpp>

#include <cstdint>
#include <tuple>
#include <variant>

/// The order of the examples, chosen at run time.
struct AnySampler {
    // of the ones that may be chosen nothing more is certain
    static constexpr bool each_once_an_epoch = false;
    static constexpr bool independent = false;
    static constexpr bool unbiased = false;

    using Choice = std::variant<ermine::ShuffledEachEpoch, ermine::ShuffledOnce, ermine::Sequential,
                                ermine::WithReplacement, ermine::Stratified, ermine::ClassBalanced>;
    Choice choice;

    struct State {
        PairedState<std::variant<ermine::ShuffledEachEpoch::State, ermine::ShuffledOnce::State,
                                 ermine::Sequential::State, ermine::WithReplacement::State,
                                 ermine::Stratified::State, ermine::ClassBalanced::State>>
            state;
        auto fields() { return std::tie(state); }
    };

    State start(ermine::Index examples) const {
        return {paired_start(choice, [&](const auto& one) { return one.start(examples); })};
    }

    ermine::Batch draw(State& all, ermine::Index size) const {
        return paired(choice, all.state,
                      [&](const auto& one, auto& state) { return one.draw(state, size); });
    }
};

static_assert(ermine::Sampler<AnySampler>);

/// The examples in random order: shuffled each epoch, unless they are `as_stored` already.
inline AnySampler random_order(std::uint64_t seed, bool as_stored) {
    if (as_stored) return {ermine::Sequential{}};
    return {ermine::ShuffledEachEpoch{.seed = seed}};
}
