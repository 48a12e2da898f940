// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>

#include <concepts>

namespace ermine {

/// The check of a method that forms Hessians: prints one sentence if F does not have them.
template <class F, class V>
consteval bool needs_hessian() {
    constexpr bool smooth = !Composite<F, V>;
    static_assert(smooth,
                  "a proximal penalty (L1, ElasticNet, Box) has no Hessian: use FullGradient{} | "
                  "Constant{} | Nesterov{}, or the penalty L2");
    if constexpr (smooth) {
        constexpr bool dense =
            TwiceDifferentiable<F, V> && std::same_as<HessianMatrix<F, V>, SquareMatrix<V>>;
        static_assert(dense,
                      "this method needs f.hessian(x, H) with a dense H: write it, wrap f in "
                      "autodiff(f) or finite_difference(f), or use a method that needs less: "
                      "TrustRegionCG{} for f.hessian_product(x, v, Hv), lbfgs() for gradients "
                      "alone");
        return dense;
    } else {
        return false;
    }
}

/// The check of a method that takes products with Hessians, or forms them where there are none.
template <class F, class V>
consteval bool needs_curvature() {
    constexpr bool smooth = !Composite<F, V>;
    static_assert(smooth,
                  "a proximal penalty (L1, ElasticNet, Box) has no Hessian: use FullGradient{} | "
                  "Constant{} | Nesterov{}, or the penalty L2");
    if constexpr (smooth) {
        constexpr bool curved =
            Differentiable<F, V> && (CurvatureProducts<F, V> || TwiceDifferentiable<F, V>);
        static_assert(curved,
                      "this method needs f.hessian_product(x, v, Hv) or f.hessian(x, H): write "
                      "one, wrap f in autodiff(f) or finite_difference(f), or use lbfgs(), which "
                      "needs gradients alone");
        return curved;
    } else {
        return false;
    }
}

}  // namespace ermine
