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

/// One rise and one fall: from first · peak up to peak in the share `rise` of the run, then down to
/// last · peak, each along half a cosine; last · peak from then on. Long steps in the middle of the
/// run regularize, and let it be short (Smith, "A disciplined approach to neural network
/// hyper-parameters", arXiv:1803.09820, 2018, section 5, with straight lines; with cosines and
/// these defaults in fastai and PyTorch). `range_test` finds the peak.
struct OneCycle {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;

    double peak = 0.1;
    double epochs = 30;  ///< the length of the cycle: give the run's MaxEpochs
    double rise = 0.3;   ///< share of the cycle, between 0 and 1
    double first = 0.04;
    double last = 4e-6;

    struct State {
        auto fields() { return std::tie(); }
    };

    /// Throws std::invalid_argument for an option out of its range.
    State start(const auto&, const auto&, const auto&) const {
        require_positive(peak, "OneCycle.peak");
        require_positive(epochs, "OneCycle.epochs");
        require_between(rise, 0, 1, "OneCycle.rise");
        require_between(first, 0, 1, "OneCycle.first");
        require_between(last, 0, 1, "OneCycle.last");
        return {};
    }

    double length(const Clock& clock, const State&) const {
        const double done = std::min(clock.epoch / epochs, 1.0);
        if (done < rise) return between(first * peak, peak, done / rise);
        return between(peak, last * peak, rise < 1 ? (done - rise) / (1 - rise) : 0);
    }

private:
    static double between(double from, double to, double share) {
        return to + (from - to) * (1 + std::cos(std::numbers::pi * share)) / 2;
    }
};

}  // namespace ermine
