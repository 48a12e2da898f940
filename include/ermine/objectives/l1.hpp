// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <ermine/concepts/number.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/clamp.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// λ ‖w‖₁ (lasso, Tibshirani 1996): convex, with a kink at 0 that makes entries exactly 0.
struct L1 {
    double lambda = 1;

    static constexpr const char* name = "L1";
    static constexpr bool separable = true;

    /// λ Σ |wᵢ|, summed in double.
    double value(const auto& w) const {
        return lambda * w.template cast<double>().template lpNorm<1>();
    }

    /// Soft thresholding: sign(wᵢ) max(|wᵢ| − t λ, 0), written as w less its projection to
    /// [−t λ, t λ], which is exactly 0 inside and keeps NaN.
    void prox(auto&& w, double t) const {
        const auto threshold = static_cast<Number<decltype(w)>>(t * lambda);
        w.array() -= clamp(w.array(), -threshold, threshold);
    }

    /// Of n numbers: λ √n.
    double lipschitz(Index n) const { return lambda * std::sqrt(static_cast<double>(n)); }

    /// Throws std::invalid_argument unless λ is finite and >= 0.
    void check() const { require_nonnegative(lambda, "L1: lambda"); }
};

}  // namespace ermine
