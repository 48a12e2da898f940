// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/directions/newton.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/steps/backtracking.hpp>

/// Second-order methods that have a name, as the sentences that they stand for.
namespace ermine {

/// Newton's method, safeguarded by a line search.
constexpr auto newton() { return FullGradient{} | Newton{} | Backtracking{}; }

}  // namespace ermine
