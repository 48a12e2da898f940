// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <tuple>

namespace ermine {

/// final + (initial − final) · (1 + cos(π · epoch / epochs)) / 2, and final from then on
/// (Loshchilov & Hutter 2017, eq. 5, without restarts).
struct Cosine {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;

    double initial = 0.1;
    double final = 0;
    double epochs = 30;  ///< the length of the schedule: give the run's MaxEpochs

    struct State {
        auto fields() { return std::tie(); }
    };

    /// Throws std::invalid_argument for an option out of its range.
    State start(const auto&, const auto&, const auto&) const {
        require_positive(initial, "Cosine.initial");
        require_nonnegative(final, "Cosine.final");
        require_positive(epochs, "Cosine.epochs");
        return {};
    }

    double length(const Clock& clock, const State&) const {
        const double done = std::min(clock.epoch / epochs, 1.0);
        return final + (initial - final) * (1 + std::cos(std::numbers::pi * done)) / 2;
    }
};

}  // namespace ermine
