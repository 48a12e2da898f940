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

/// Cosines one after another, each begun anew from the initial step: with t epochs into a cycle of
/// T, final + (initial − final) (1 + cos(π t / T)) / 2, where T is `epochs` in the first cycle and
/// `growth` times longer in each that follows (SGDR: Loshchilov & Hutter, "SGDR: stochastic
/// gradient descent with warm restarts", ICLR 2017, eq. 5; T₀ and T_mult there). The run is best
/// stopped at the end of a cycle.
struct WarmRestarts {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;

    double initial = 0.1;
    double final = 0;
    double epochs = 10;  ///< of the first cycle
    double growth = 2;   ///< of the cycles' lengths, at least 1

    struct State {
        auto fields() { return std::tie(); }
    };

    /// Throws std::invalid_argument for an option out of its range.
    State start(const auto&, const auto&, const auto&) const {
        require_positive(initial, "WarmRestarts.initial");
        require_nonnegative(final, "WarmRestarts.final");
        require_positive(epochs, "WarmRestarts.epochs");
        require_between(growth, 1, 1e6, "WarmRestarts.growth");
        return {};
    }

    double length(const Clock& clock, const State&) const {
        // An epoch may be short of a cycle's end by rounding alone: the clock knows.
        double cycle = growth > 1 ? std::max(0.0, std::floor(cycles(clock.epoch)))
                                  : clock.whole_epochs(epochs);
        if (growth > 1 && clock.reached(end(cycle))) ++cycle;
        const double begun = cycle > 0 ? end(cycle - 1) : 0;
        const double whole = end(cycle) - begun;
        const double done = std::clamp((clock.epoch - begun) / whole, 0.0, 1.0);
        return final + (initial - final) * (1 + std::cos(std::numbers::pi * done)) / 2;
    }

private:
    /// The epoch in which cycle n = 0, 1, … ends: epochs (growthⁿ⁺¹ − 1) / (growth − 1).
    [[nodiscard]] double end(double n) const {
        if (!(growth > 1)) return epochs * (n + 1);
        return epochs * std::expm1((n + 1) * std::log(growth)) / (growth - 1);
    }

    /// Its inverse: how many cycles are done, with a fraction.
    [[nodiscard]] double cycles(double epoch) const {
        return std::log1p(epoch * (growth - 1) / epochs) / std::log(growth);
    }
};

}  // namespace ermine
