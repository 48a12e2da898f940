// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/estimators/full_gradient.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/lbfgsb.hpp>
#include <ermine/solvers/owl_qn.hpp>
#include <ermine/solvers/projected_gradient.hpp>
#include <ermine/steps/backtracking.hpp>
#include <ermine/steps/constant.hpp>
#include <ermine/tails/nesterov.hpp>

/// Methods for a smooth function plus a penalty with a proximal map. The plain proximal gradient
/// method, which is projected gradients where the penalty is the indicator of a set, is
/// gradient_descent(), or FullGradient{} | Backtracking{}.
namespace ermine {

/// Nesterov's accelerated gradient with restart and the step 1/L that the objective's smoothness()
/// gives; FISTA where it has a proximal part.
constexpr auto nesterov() { return FullGradient{} | Constant{} | Nesterov{}; }

/// FISTA with restart, whose steps backtracking finds: for any penalty with a proximal map, and for
/// smooth functions, with no constant to be known.
constexpr auto fista() { return FullGradient{} | Backtracking{} | Nesterov{}; }

/// L-BFGS for L1 penalties.
constexpr auto owl_qn() { return OWLQN{}; }

/// Spectral projected gradients, for sets that are easy to project to.
constexpr auto projected_gradient() { return ProjectedGradient{}; }

/// L-BFGS within bounds.
constexpr auto lbfgsb() { return LBFGSB{}; }

}  // namespace ermine
