// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <ermine/concepts/vector.hpp>
#include <ermine/concepts/weighted_batch.hpp>

namespace ermine {

/// A Sampler says in which order examples are visited: a const value whose memory is its `State`,
/// a copyable value without pointers, with `fields()` to save and restore it.
///
///     State start(Index examples) const;            // before the first epoch
///     Batch draw(State& state, Index size) const;   // the next `size` row numbers
///
/// The last batch of an epoch is cut short, so that epochs have exactly `examples` draws; the draw
/// after it begins the next epoch. A batch lives in the state until its next draw. `draw` does not
/// allocate. Both throw std::invalid_argument when asked for the impossible.
///
/// What is guaranteed is said by three constants:
/// - `each_once_an_epoch`: an epoch visits each example exactly once;
/// - `independent`: draws are independent of one another;
/// - `unbiased`: over the seeds, the mean over any batch estimates the mean over all examples
///   without bias; with its weights, where the sampler gives some.
///
/// A sampler that draws some examples more often than others, and makes up for it by weights,
/// returns a WeightedBatch instead.
template <class S>
concept Sampler =
    std::copyable<typename S::State> &&
    requires(const S& sampler, typename S::State& state, Index number) {
        { sampler.start(number) } -> std::same_as<typename S::State>;
        requires std::same_as<decltype(sampler.draw(state, number)), Batch> ||
                     std::same_as<decltype(sampler.draw(state, number)), WeightedBatch>;
        { S::each_once_an_epoch } -> std::convertible_to<bool>;
        { S::independent } -> std::convertible_to<bool>;
        { S::unbiased } -> std::convertible_to<bool>;
    };

/// A sampler whose batches come with weights: who uses it must use them.
template <class S>
concept WeightedSampler =
    Sampler<S> && requires(const S& sampler, typename S::State& state, Index number) {
        { sampler.draw(state, number) } -> std::same_as<WeightedBatch>;
    };

}  // namespace ermine
