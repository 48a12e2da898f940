// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/solvers/status.hpp>

#include <optional>

namespace ermine {

/// Stops when the examples have been passed over so many times for the steps that were taken.
/// Without minibatches an epoch is an evaluation of the gradient.
struct MaxEpochs {
    double epochs = 100;

    struct State {};

    /// Throws std::invalid_argument unless epochs is finite and not negative.
    State start(const auto&) const {
        require_nonnegative(epochs, "MaxEpochs.epochs");
        return {};
    }

    std::optional<Status> check(const auto& progress, State&) const {
        if (Clock{.epoch = progress.epoch()}.reached(epochs)) return Status::max_epochs;
        return std::nullopt;
    }
};

}  // namespace ermine
