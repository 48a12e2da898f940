// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/directions/bfgs.hpp>
#include <ermine/directions/lbfgs.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/steps/strong_wolfe.hpp>

/// Quasi-Newton methods that have a name, as the sentences that they stand for.
namespace ermine {

/// Limited-memory BFGS, for smooth functions of any number of variables: needs gradients alone.
constexpr auto lbfgs(Index memory = 10) {
    return FullGradient{} | LBFGS{.memory = memory} | StrongWolfe{};
}

/// BFGS with a full inverse Hessian: fewer evaluations than lbfgs() for up to a few hundred
/// variables, n² numbers of memory.
constexpr auto bfgs() { return FullGradient{} | BFGS{} | StrongWolfe{}; }

}  // namespace ermine
