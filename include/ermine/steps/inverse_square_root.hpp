// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <cmath>
#include <cstdint>
#include <tuple>

namespace ermine {

/// peak · min(k / warmup, √(warmup / k)) in the k-th iteration, counted from 1: a linear rise, then
/// a fall like 1/√k, which needs no length of the run (Vaswani et al., "Attention is all you need",
/// NIPS 2017, eq. 3, where peak is 1 / √(width · warmup)).
struct InverseSquareRoot {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;

    double peak = 1e-3;          ///< the step at the end of the rise
    std::int64_t warmup = 4000;  ///< iterations of the rise; 1: none

    struct State {
        auto fields() { return std::tie(); }
    };

    /// Throws std::invalid_argument for an option out of its range.
    State start(const auto&, const auto&, const auto&) const {
        require_positive(peak, "InverseSquareRoot.peak");
        require_count(warmup, "InverseSquareRoot.warmup");
        return {};
    }

    double length(const Clock& clock, const State&) const {
        const auto k = static_cast<double>(clock.iteration + 1);
        const auto rise = static_cast<double>(warmup);
        return peak * (k < rise ? k / rise : std::sqrt(rise / k));
    }
};

}  // namespace ermine
