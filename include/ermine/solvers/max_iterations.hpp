// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/solvers/status.hpp>

#include <cstdint>
#include <optional>

namespace ermine {

/// Stops after so many steps of the method.
struct MaxIterations {
    std::int64_t iterations = 1000;

    struct State {};

    State start(const auto&) const { return {}; }

    std::optional<Status> check(const auto& progress, State&) const {
        if (progress.iteration() >= iterations) return Status::max_iterations;
        return std::nullopt;
    }
};

}  // namespace ermine
