// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/solvers/status.hpp>

#include <optional>

namespace ermine {

/// Stops when the examples have been passed over so many times for the steps that were taken.
/// Without minibatches an epoch is an evaluation of the gradient.
struct MaxEpochs {
    double epochs = 100;

    struct State {};

    State start(const auto&) const { return {}; }

    std::optional<Status> check(const auto& progress, State&) const {
        if (progress.epoch() >= epochs * (1 - 1e-12) - 1e-9) return Status::max_epochs;
        return std::nullopt;
    }
};

}  // namespace ermine
