// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/number.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/objectives/no_penalty.hpp>

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

    /// ‖v‖² / 2λ; with λ = 0 it is 0 for v = 0, otherwise +∞.
    double conjugate(const auto& v) const {
        const double square = v.template cast<double>().squaredNorm();
        if (lambda > 0) return 0.5 * square / lambda;
        return NoPenalty{}.conjugate(v);
    }

    /// 1: the conjugate is finite everywhere, unless λ = 0.
    double shrink(const auto& v) const { return lambda > 0 ? 1 : NoPenalty{}.shrink(v); }

    /// Throws std::invalid_argument unless λ is finite and >= 0.
    void check() const { require_nonnegative(lambda, "L2: lambda"); }
};

}  // namespace ermine
