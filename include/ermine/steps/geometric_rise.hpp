// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <tuple>

namespace ermine {

/// from · (to / from)^(k / (iterations − 1)) in iteration k = 0, 1, …, and `to` from the last on:
/// all orders of magnitude in one run, as `range_test` tries them.
struct GeometricRise {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;

    double from = 1e-6;
    double to = 10;
    std::int64_t iterations = 100;

    struct State {
        auto fields() { return std::tie(); }
    };

    /// Throws std::invalid_argument for an option out of its range.
    State start(const auto&, const auto&, const auto&) const {
        require_positive(from, "GeometricRise.from");
        require_positive(to, "GeometricRise.to");
        if (!(from < to)) refuse("GeometricRise.to", to, "it must be longer than from");
        if (iterations < 2) refuse("GeometricRise.iterations", iterations, "it must be at least 2");
        return {};
    }

    double length(const Clock& clock, const State&) const {
        const double done =
            static_cast<double>(clock.iteration) / static_cast<double>(iterations - 1);
        return from * std::pow(to / from, std::min(done, 1.0));
    }
};

}  // namespace ermine
