// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/numerics/require.hpp>
#include <ermine/solvers/status.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace ermine {

/// Stops after so many steps of the method.
struct MaxIterations {
    std::int64_t iterations = 1000;

    struct State {};

    /// Throws std::invalid_argument for iterations < 0.
    State start(const auto&) const {
        require_not_negative(iterations, "MaxIterations.iterations");
        return {};
    }

    std::optional<Status> check(const auto& progress, State&) const {
        if (progress.iteration() >= iterations) return Status::max_iterations;
        return std::nullopt;
    }
};

}  // namespace ermine
