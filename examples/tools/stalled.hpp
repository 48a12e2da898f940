// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/solvers/status.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <tuple>

/// Ends a run of Newton's method that rounding holds up: over so many iterations the value has not
/// fallen by more than its rounding error, nor has the gradient halved. Of columns with large
/// numbers no gradient of 1e-10 can be had.
struct Stalled {
    std::int64_t iterations = 25;

    struct State {
        double value = std::numeric_limits<double>::infinity();
        double norm = std::numeric_limits<double>::infinity();
        std::int64_t since = 0;
        auto fields() { return std::tie(value, norm, since); }
    };

    State start(const auto&) const { return {}; }

    std::optional<ermine::Status> check(const auto& progress, State& state) const {
        const double value = progress.value();
        const double norm = progress.stationarity_here();
        if (value < state.value - 1e-14 * std::abs(value) || norm < state.norm / 2) {
            state.since = progress.iteration();
            if (value < state.value) state.value = value;
            if (norm < state.norm / 2) state.norm = norm;
        }
        if (progress.iteration() - state.since >= iterations) return ermine::Status::no_progress;
        return std::nullopt;
    }
};
