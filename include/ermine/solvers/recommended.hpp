// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/solvers/nelder_mead.hpp>
#include <ermine/solvers/proximal_methods.hpp>
#include <ermine/solvers/quasi_newton_methods.hpp>
#include <ermine/solvers/trust_region.hpp>
#include <ermine/solvers/trust_region_cg.hpp>

#include <concepts>

namespace ermine {

/// The method to begin with for f and points such as x0, by what f offers, as a value for
/// `minimize(f, x0, recommended(f, x0))`:
/// - a dense Hessian: trust_region(), which leaves saddles, in O(n³) a step;
/// - products with the Hessian: trust_region_cg();
/// - gradients: lbfgs();
/// - a smooth part and a proximal map: fista();
/// - values alone: NelderMead{}.
template <class F, class X0>
constexpr auto recommended(const F&, const X0&) {
    using V = PlainVector<X0>;
    if constexpr (Composite<F, V>)
        return fista();
    else if constexpr (TwiceDifferentiable<F, V> &&
                       std::same_as<HessianMatrix<F, V>, SquareMatrix<V>>)
        return trust_region();
    else if constexpr (CurvatureProducts<F, V>)
        return trust_region_cg();
    else if constexpr (Differentiable<F, V>)
        return lbfgs();
    else
        return NelderMead{};
}

}  // namespace ermine
