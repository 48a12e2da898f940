// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/directions/newton.hpp>
#include <ermine/directions/newton_cg.hpp>
#include <ermine/directions/saddle_free_newton.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/steps/backtracking.hpp>

/// Second-order methods that have a name, as the sentences that they stand for.
namespace ermine {

/// Newton's method, safeguarded by a line search.
constexpr auto newton() { return FullGradient{} | Newton{} | Backtracking{}; }

/// Newton's method with the absolute values of the Hessian's eigenvalues, which saddles repel,
/// safeguarded by a line search: in a Krylov subspace of dimension `krylov`, through products with
/// the Hessian; with 0 exactly where that is cheap (see SaddleFreeNewton).
constexpr auto saddle_free_newton(Index krylov = 0) {
    return FullGradient{} | SaddleFreeNewton{.krylov = krylov} | Backtracking{};
}

/// Newton's method by conjugate gradients, which follows negative curvature, with a line search:
/// for many variables and products with the Hessian.
constexpr auto newton_cg() { return FullGradient{} | NewtonCg{} | Backtracking{}; }

}  // namespace ermine
