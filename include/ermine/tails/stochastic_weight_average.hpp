// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

#include <cstdint>
#include <tuple>

namespace ermine {

/// Answers with the average of the iterates at the ends of cycles: of the one at epoch `from`, and
/// of one every `every` epochs from then on (Izmailov, Podoprikhin, Garipov, Vetrov & Wilson 2018,
/// algorithm 1, whose first model is the one that training so far has led to). Before, the answer
/// is the iterate. With a step that stays long, or falls and rises within each cycle, the cycles
/// end around a wide minimum, of which the average is nearer the middle. Average takes every
/// iterate.
struct StochasticWeightAverage {
    static constexpr Role role = Role::tail;

    double from = 20;  ///< epochs
    double every = 1;  ///< epochs; a cycle of the schedule

    template <class V>
    struct Mean {
        V mean;
        std::int64_t taken = 0;  // iterates averaged
        double cycle = -1;       // the last one that an iterate was taken of
        auto fields() { return std::tie(mean, taken, cycle); }
    };

    /// Throws std::invalid_argument unless from >= 0 and every > 0, both finite.
    template <class V>
    Mean<V> start(const auto&, const V& x) const {
        require_nonnegative(from, "StochasticWeightAverage.from");
        require_positive(every, "StochasticWeightAverage.every");
        return {x};
    }

    /// `clock` tells the work done, this step included.
    template <class V>
    void follow(V& x, const Clock& clock, Mean<V>& state) const {
        using Scalar = typename V::Scalar;
        const Clock after{clock.iteration, clock.epoch - from};
        const double cycle = clock.reached(from) ? after.whole_epochs(every) : -1;
        if (cycle < 0) {
            state.mean = x;
        } else if (cycle > state.cycle) {
            state.cycle = cycle;
            state.mean += (x - state.mean) / static_cast<Scalar>(++state.taken);
        }
    }

    template <class V>
    const V& report(const V&, const Mean<V>& state) const {
        return state.mean;
    }
};

}  // namespace ermine
