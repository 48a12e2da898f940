// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/estimators/minibatch.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/steps/constant.hpp>

/// Methods for sums over examples that have a name, as the sentences that they stand for.
namespace ermine {

/// Stochastic gradient descent with a constant step.
constexpr auto sgd(double step, Minibatch batch = {}) { return batch | Constant{.size = step}; }

}  // namespace ermine
