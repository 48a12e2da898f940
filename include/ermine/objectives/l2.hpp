// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/number.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// ½ λ ‖w‖² (ridge, weight decay): λ-smooth and λ-strongly convex.
struct L2 {
    double lambda = 1;

    static constexpr const char* name = "L2";
    static constexpr bool separable = true;

    /// ½ λ ‖w‖², summed in double.
    double value(const auto& w) const {
        return 0.5 * lambda * w.template cast<double>().squaredNorm();
    }

    /// g += λ w.
    void add_gradient(const auto& w, auto&& g) const {
        g += static_cast<Number<decltype(w)>>(lambda) * w;
    }

    /// λ: the Hessian is λ I.
    double curvature() const { return lambda; }

    /// w / (1 + t λ).
    void prox(auto&& w, double t) const {
        w *= static_cast<Number<decltype(w)>>(1 / (1 + t * lambda));
    }

    double strong_convexity() const { return lambda; }

    /// Throws std::invalid_argument unless λ is finite and >= 0.
    void check() const { require_nonnegative(lambda, "L2: lambda"); }
};

}  // namespace ermine
