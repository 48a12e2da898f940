// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/evaluation.hpp>

#include <tuple>
#include <type_traits>

namespace ermine {

/// Stands where a sentence has no such part.
struct Absent {
    static constexpr bool repeats = false;
    static constexpr bool searches = false;
    static constexpr bool learns = false;
    Absent start(const auto&...) const { return {}; }
};

/// Everything that a run of a pipe remembers. What only lives within a round is not saved.
template <class V, bool KeepsBoth, bool KeepsBest, class Estimator, class Directions, class Step,
          class Tail, class Probe>
struct PipeState {
    Evaluation<V> here;
    [[no_unique_address]] std::conditional_t<KeepsBoth, Evaluation<V>, Absent> there;
    [[no_unique_address]] std::conditional_t<KeepsBoth, V, Absent> direction;
    [[no_unique_address]] std::conditional_t<KeepsBest, Evaluation<V>, Absent> best;
    Estimator estimator;
    Directions directions;
    Step step;
    Tail tail;
    [[no_unique_address]] Probe probe;
    Clock clock = {};
    double length = 0;       // of the last step
    double batch_value = 0;  // mean over the batches of the epoch in hand
    double batches = 0;
    double epoch = 0;  // the one that batch_value belongs to

    auto fields() {
        return std::tie(here, estimator, directions, step, tail, probe, clock, length, batch_value,
                        batches, epoch);
    }
};

}  // namespace ermine
