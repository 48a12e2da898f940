// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <tuple>

namespace ermine {

/// final + (initial − final) · (1 − epoch / epochs)^power, and final from then on. Power 1 is a
/// linear decay; 0.9 is the "poly" policy of semantic segmentation (Chen, Papandreou, Kokkinos,
/// Murphy & Yuille, "DeepLab", TPAMI 40, 2018, section 4.1).
struct Polynomial {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;

    double initial = 0.1;
    double final = 0;
    double epochs = 30;  ///< the length of the schedule: give the run's MaxEpochs
    double power = 1;

    struct State {
        auto fields() { return std::tie(); }
    };

    /// Throws std::invalid_argument for an option out of its range.
    State start(const auto&, const auto&, const auto&) const {
        require_positive(initial, "Polynomial.initial");
        require_nonnegative(final, "Polynomial.final");
        require_positive(epochs, "Polynomial.epochs");
        require_positive(power, "Polynomial.power");
        return {};
    }

    double length(const Clock& clock, const State&) const {
        const double left = 1 - std::min(clock.epoch / epochs, 1.0);
        return final + (initial - final) * std::pow(left, power);
    }
};

}  // namespace ermine
