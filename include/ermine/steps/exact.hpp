// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/steps/line.hpp>

#include <cmath>
#include <tuple>

namespace ermine {

/// The step that minimizes the second-order model along the direction, t = ∇fᵀd / dᵀ∇²f d: on a
/// quadratic the exact minimum along it (Nocedal & Wright 2006, eq. 3.26). It costs a Hessian
/// product a step. Where the curvature is not positive there is no such step.
struct Exact {
    static constexpr Role role = Role::step;
    static constexpr bool searches = true;

    struct State {
        auto fields() { return std::tie(); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool smooth = !Composite<F, V>;
        static_assert(smooth,
                      "Exact minimizes a smooth function along a line, and a proximal penalty (L1, "
                      "ElasticNet, Box) is none: use Backtracking{}");
        if constexpr (smooth) {
            static_assert(CurvatureProducts<F, V>,
                          "Exact needs f.hessian_product(x, v, Hv): write it, or use a line search "
                          "such as StrongWolfe{} or Backtracking{}");
            return CurvatureProducts<F, V>;
        }
        return false;
    }

    State start(const auto&, const auto&, const auto&) const { return {}; }

    template <class L>
    double search(L& line, State&) const {
        line.phi.hessian_product(line.here.x, line.direction, line.there.gradient);
        const double curvature = line.slope_there();
        const double t = line.slope_here() / curvature;
        if (!(curvature > 0) || !(t > 0) || !std::isfinite(t)) return 0;
        line.at(t);
        return t;
    }
};

}  // namespace ermine
