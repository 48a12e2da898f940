// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/numerics/require.hpp>
#include <ermine/solvers/status.hpp>

#include <chrono>
#include <optional>

namespace ermine {

/// Stops at the end of the round in which the time runs out.
struct TimeLimit {
    double seconds = 60;

    struct State {
        std::chrono::steady_clock::time_point begin;
    };

    /// Throws std::invalid_argument unless seconds is finite and not negative.
    State start(const auto&) const {
        require_nonnegative(seconds, "TimeLimit.seconds");
        return {std::chrono::steady_clock::now()};
    }

    std::optional<Status> check(const auto&, State& state) const {
        const std::chrono::duration<double> run = std::chrono::steady_clock::now() - state.begin;
        if (run.count() >= seconds) return Status::time_limit;
        return std::nullopt;
    }
};

}  // namespace ermine
