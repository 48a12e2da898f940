// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <tuple>

namespace ermine {

/// initial / (1 + decay · epoch): with minibatches the classical schedule that converges, as its
/// sum diverges and the sum of its squares does not (Robbins & Monro 1951).
struct InverseTime {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;

    double initial = 0.1;
    double decay = 1;  ///< after 1/decay epochs the step is half the initial one

    struct State {
        auto fields() { return std::tie(); }
    };

    /// Throws std::invalid_argument for an option out of its range.
    State start(const auto&, const auto&, const auto&) const {
        require_positive(initial, "InverseTime.initial");
        require_nonnegative(decay, "InverseTime.decay");
        return {};
    }

    double length(const Clock& clock, const State&) const {
        return initial / (1 + decay * clock.epoch);
    }
};

}  // namespace ermine
