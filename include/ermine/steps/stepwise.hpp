// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <cmath>
#include <tuple>

namespace ermine {

/// initial · decay^⌊epoch / every⌋: constant for `every` epochs, then cut.
struct Stepwise {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;

    double initial = 0.1;
    double decay = 0.1;  ///< what is left of the step after each cut
    double every = 10;   ///< epochs between two cuts

    struct State {
        auto fields() { return std::tie(); }
    };

    /// Throws std::invalid_argument for an option out of its range.
    State start(const auto&, const auto&, const auto&) const {
        require_positive(initial, "Stepwise.initial");
        require_positive(decay, "Stepwise.decay");
        require_positive(every, "Stepwise.every");
        return {};
    }

    double length(const Clock& clock, const State&) const {
        return initial * std::pow(decay, clock.whole_epochs(every));
    }
};

}  // namespace ermine
