// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>

namespace ermine {

/// A constant step that is cut, times `decay`, when the value has not been better for more than
/// `patience` epochs. The value of an epoch is the mean of the batch values seen in it, penalties
/// included; with the full gradient each iteration is an epoch. Better is lower than the best so
/// far by more than threshold · |best|. After a cut, `cooldown` epochs are not counted. (The rule
/// of Keras and of PyTorch's ReduceLROnPlateau; in publications since Krizhevsky, Sutskever &
/// Hinton, NIPS 2012, section 5, where it was done by hand. They look at a validation set; this one
/// sees the training values alone, which cost nothing.)
struct ReduceOnPlateau {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;

    double initial = 0.1;
    double decay = 0.1;  ///< what is left of the step after a cut
    std::int64_t patience = 10;
    double threshold = 1e-4;
    std::int64_t cooldown = 0;
    double shortest = 0;  ///< no cut goes below

    struct State {
        double step;
        double best = std::numeric_limits<double>::infinity();
        double mean = 0;  // of the values of the epoch in hand, of which there are ...
        std::int64_t values = 0;
        double epoch = 0;
        std::int64_t waited = 0;
        std::int64_t resting = 0;
        auto fields() { return std::tie(step, best, mean, values, epoch, waited, resting); }
    };

    /// Throws std::invalid_argument for an option out of its range.
    State start(const auto&, const auto&, const auto&) const {
        require_positive(initial, "ReduceOnPlateau.initial");
        require_fraction(decay, "ReduceOnPlateau.decay");
        require_not_negative(patience, "ReduceOnPlateau.patience");
        require_nonnegative(threshold, "ReduceOnPlateau.threshold");
        require_not_negative(cooldown, "ReduceOnPlateau.cooldown");
        require_nonnegative(shortest, "ReduceOnPlateau.shortest");
        return {initial};
    }

    double length(const auto&, const auto& value, const Clock& clock, State& state) const {
        if (const double epoch = clock.whole_epochs(); epoch > state.epoch) {
            if (state.values > 0) judge(state);
            state.epoch = epoch;
            state.mean = 0;
            state.values = 0;
        }
        state.mean += (value() - state.mean) / static_cast<double>(++state.values);
        return state.step;
    }

private:
    /// Looks at the epoch that is over.
    void judge(State& state) const {
        const bool better = state.best == std::numeric_limits<double>::infinity() ||
                            state.mean < state.best - threshold * std::abs(state.best);
        if (better) state.best = state.mean;
        state.waited = better ? 0 : state.waited + 1;
        if (state.resting > 0) {
            --state.resting;
            state.waited = 0;
        }
        if (state.waited <= patience) return;
        state.step = std::min(state.step, std::max(state.step * decay, shortest));
        state.resting = cooldown;
        state.waited = 0;
    }
};

}  // namespace ermine
