// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/numerics/require.hpp>
#include <ermine/numerics/seconds_now.hpp>
#include <ermine/solvers/status.hpp>

#include <optional>
#include <tuple>
#include <utility>

namespace ermine {

/// Stops at the end of the round in which the time runs out.
struct TimeLimit {
    double seconds = 60;

    struct State {
        double looked;  // when it looked last
        double spent = 0;
        auto fields() { return std::tie(spent); }
    };

    /// Throws std::invalid_argument unless seconds is finite and not negative.
    State start(const auto&) const {
        require_nonnegative(seconds, "TimeLimit.seconds");
        return {seconds_now()};
    }

    std::optional<Status> check(const auto&, State& state) const {
        const double now = seconds_now();
        state.spent += now - std::exchange(state.looked, now);
        if (state.spent >= seconds) return Status::time_limit;
        return std::nullopt;
    }
};

}  // namespace ermine
