// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/directions/conjugate_gradient.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/steps/constant.hpp>
#include <ermine/steps/hager_zhang.hpp>
#include <ermine/steps/malitsky_mishchenko.hpp>
#include <ermine/steps/nonmonotone.hpp>

/// Methods that need gradients and a few vectors of memory, as the sentences that they stand for.
namespace ermine {

/// Gradient descent with the step 1/L that the objective's smoothness() gives; the proximal
/// gradient method (ISTA) where it has a proximal part. `minimize` throws std::invalid_argument if
/// the objective does not know L.
constexpr auto gradient_descent() { return FullGradient{} | Constant{}; }

/// Gradient descent with a step of one's own.
constexpr auto gradient_descent(double step) { return FullGradient{} | Constant{.size = step}; }

/// Gradient descent whose step follows the local curvature: no L, no line search.
constexpr auto adaptive_gradient_descent() { return FullGradient{} | MalitskyMishchenko{}; }

/// Gradient descent with Barzilai–Borwein steps, kept safe by a nonmonotone search: the global
/// method of Raydan (1997) in the form of Zhang & Hager (2004).
constexpr auto spectral_gradient() { return FullGradient{} | Nonmonotone{}; }

/// Nonlinear conjugate gradients, CG_DESCENT of Hager & Zhang (2005).
constexpr auto conjugate_gradient() { return FullGradient{} | ConjugateGradient{} | HagerZhang{}; }

}  // namespace ermine
