// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/directions/newton.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/steps/backtracking.hpp>
#include <ermine/steps/constant.hpp>

/// Methods that have a name, as the sentences that they stand for.
namespace ermine {

/// Gradient descent with the step 1/L that the objective's smoothness() gives; the proximal
/// gradient method (ISTA) where it has a proximal part. `minimize` throws std::invalid_argument if
/// the objective does not know L.
constexpr auto gradient_descent() { return FullGradient{} | Constant{}; }

/// Gradient descent with a step of one's own.
constexpr auto gradient_descent(double step) { return FullGradient{} | Constant{.size = step}; }

/// Newton's method, safeguarded by a line search.
constexpr auto newton() { return FullGradient{} | Newton{} | Backtracking{}; }

/// Stochastic gradient descent with a constant step.
constexpr auto sgd(double step, Minibatch batch = {}) { return batch | Constant{.size = step}; }

}  // namespace ermine
