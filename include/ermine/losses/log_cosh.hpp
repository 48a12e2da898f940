// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/number.hpp>
#include <ermine/numerics/clamp.hpp>
#include <ermine/numerics/exp_minus_abs.hpp>
#include <ermine/numerics/hyperbolic_tangent.hpp>
#include <ermine/numerics/interval_indicator.hpp>
#include <ermine/numerics/log_cosh.hpp>
#include <ermine/numerics/sign_entropy.hpp>

namespace ermine {

/// log cosh(p − y): like ½ r² near 0 and like |r| − log 2 far away, with all derivatives. Convex,
/// 1-Lipschitz and 1-smooth; the negative log-likelihood of hyperbolic secant noise, up to a
/// constant. With targets ±1 it is classification-calibrated: a function of 1 − y p with slope
/// −tanh 1 at 0. Nothing overflows, and nothing cancels near 0.
struct LogCoshLoss {
    using form = Elementwise;
    using argument = Residual;
    static constexpr const char* name = "LogCoshLoss";
    static constexpr const char* targets = "any finite number";
    static constexpr bool convex = true;
    static constexpr bool calibrated = true;

    /// log cosh(p − y).
    auto value(const auto& p, const auto& y) const { return log_cosh(p - y); }

    /// tanh(p − y).
    auto derivative(const auto& p, const auto& y) const { return hyperbolic_tangent(p - y); }

    /// 1 / cosh²(p − y), computed as 4 u / (1 + u)² with u = e^{−2 |p − y|}.
    auto second_derivative(const auto& p, const auto& y) const {
        using T = Number<decltype(p)>;
        const auto u = exp_minus_abs((p - y) * T(2));
        return (T(4) * u) / ((u + T(1)) * (u + T(1)));
    }

    /// u y + ((1 + u) log(1 + u) + (1 − u) log(1 − u)) / 2 for |u| <= 1, +∞ beyond.
    auto conjugate(const auto& u, const auto& y) const {
        using T = Number<decltype(u)>;
        return u * y + sign_entropy(clamp(u, T(-1), T(1))) + interval_indicator(u, T(-1), T(1));
    }

    /// u clipped to [−1, 1].
    auto nearest_slope(const auto& u, const auto&) const {
        using T = Number<decltype(u)>;
        return clamp(u, T(-1), T(1));
    }

    double lipschitz() const { return 1; }
    double smoothness() const { return 1; }
    bool accepts(double target) const { return std::isfinite(target); }
};

}  // namespace ermine
