// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/number.hpp>
#include <ermine/numerics/clamp.hpp>
#include <ermine/numerics/heaviside.hpp>
#include <ermine/numerics/interval_indicator.hpp>
#include <ermine/numerics/positive_part.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// The pinball loss: τ (y − p) where the prediction is below the target, (1 − τ) (p − y) where it
/// is above. Its best constant prediction is the τ-quantile of the targets (Koenker & Bassett,
/// "Regression quantiles", Econometrica 46, 1978, eq. 3.1); τ = ½ is half the absolute loss. Convex
/// and max(τ, 1 − τ)-Lipschitz; not smooth, and without a second derivative. With targets ±1 it is
/// classification-calibrated for τ = ½ alone, and so doesn't say that it is.
struct QuantileLoss {
    double tau = 0.5;  ///< 0 < τ < 1: the share of the targets that should lie below

    using form = Elementwise;
    using argument = Residual;
    static constexpr const char* name = "QuantileLoss";
    static constexpr const char* targets = "any finite number";
    static constexpr bool convex = true;

    /// (1 − τ) max(p − y, 0) + τ max(y − p, 0).
    auto value(const auto& p, const auto& y) const {
        using T = Number<decltype(p)>;
        return static_cast<T>(1 - tau) * positive_part(p - y) +
               static_cast<T>(tau) * positive_part(y - p);
    }

    /// −τ for p < y, 1 − τ for p > y; at the kink p = y it is 0, a subgradient out of [−τ, 1 − τ].
    auto derivative(const auto& p, const auto& y) const {
        using T = Number<decltype(p)>;
        return static_cast<T>(1 - tau) * heaviside(p - y) - static_cast<T>(tau) * heaviside(y - p);
    }

    /// u y for −τ <= u <= 1 − τ, +∞ beyond.
    auto conjugate(const auto& u, const auto& y) const {
        using T = Number<decltype(u)>;
        return u * y + interval_indicator(u, static_cast<T>(-tau), static_cast<T>(1 - tau));
    }

    /// u clipped to [−τ, 1 − τ].
    auto nearest_slope(const auto& u, const auto&) const {
        using T = Number<decltype(u)>;
        return clamp(u, static_cast<T>(-tau), static_cast<T>(1 - tau));
    }

    double lipschitz() const { return std::max(tau, 1 - tau); }
    bool accepts(double target) const { return std::isfinite(target); }

    /// Throws std::invalid_argument unless 0 < τ < 1.
    void check() const {
        if (!(tau > 0 && tau < 1))
            refuse("QuantileLoss: tau", std::to_string(tau), "it must lie between 0 and 1");
    }
};

}  // namespace ermine
