// SPDX-License-Identifier: MIT
#pragma once

#include "any_directions.hpp"
#include "any_estimator.hpp"
#include "any_step.hpp"
#include "any_tail.hpp"

#include <ermine/solvers/compose.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

/// A method that is read from a text: `estimator | sam? | direction* | warmup? | step | tail?`, or
/// the name of a whole one.
struct AnyMethod {
    std::string whole;         ///< newton or lbfgs, else empty
    std::int64_t memory = 10;  ///< of lbfgs
    TextPlace whole_place = {};

    AnyEstimator estimator = {};
    AnyDirections directions = {};
    AnyStep step = {};
    AnyTail tail = {};

    bool estimator_given = false;
    bool step_given = false;
    bool natural_step = false;  ///< whether a constant is taken from theory
    bool tail_given = false;
    std::optional<double> usual_step = {};  ///< of the last direction that has one

    /// Whether each step sees the same function, by the gradient over all examples.
    [[nodiscard]] bool repeats() const {
        return std::holds_alternative<ermine::FullGradient>(estimator.choice) && !estimator.sam;
    }

    /// The sentence for estimators of which the gradient differs from step to step.
    [[nodiscard]] auto stochastic() const {
        using ermine::operator|;
        return estimator | directions | step | tail;
    }

    /// The sentence for FullGradient.
    [[nodiscard]] auto deterministic() const {
        using ermine::operator|;
        return ermine::FullGradient{} | directions | step | tail;
    }
};
