// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/number.hpp>
#include <ermine/numerics/clamp.hpp>
#include <ermine/numerics/heaviside.hpp>
#include <ermine/numerics/interval_indicator.hpp>
#include <ermine/numerics/positive_part.hpp>

namespace ermine {

/// max(0, 1 − y p)² for margins y p >= −1, and −4 y p below: the squared hinge that goes on in a
/// straight line, so that no example pulls with more than 4 (Zhang, "Solving large scale linear
/// prediction problems using stochastic gradient descent algorithms", ICML 2004, section 2). It is
/// huberized(SquaredHingeLoss{}, 4). Convex, classification-calibrated, 4-Lipschitz, 2-smooth.
struct ModifiedHuberLoss {
    using form = Elementwise;
    using argument = Margin;
    static constexpr const char* name = "ModifiedHuberLoss";
    static constexpr const char* targets = "-1 or +1";
    static constexpr bool convex = true;
    static constexpr bool calibrated = true;

    /// c (2 max(z, 0) − c) with z = 1 − y p and c = min(max(z, 0), 2).
    auto value(const auto& p, const auto& y) const {
        using T = Number<decltype(p)>;
        return clipped(p, y) * (T(2) * positive_part(1 - y * p) - clipped(p, y));
    }

    /// −2 y min(max(z, 0), 2).
    auto derivative(const auto& p, const auto& y) const {
        return y * (Number<decltype(p)>(-2) * clipped(p, y));
    }

    /// 2 for margins −1 < y p < 1, otherwise 0: at the ends, where the derivative has kinks, the
    /// smaller of the two.
    auto second_derivative(const auto& p, const auto& y) const {
        return Number<decltype(p)>(2) * (heaviside(1 - y * p) * heaviside(1 + y * p));
    }

    /// With s = −u y: s (s/4 − 1) for s in [0, 4], +∞ outside.
    auto conjugate(const auto& u, const auto& y) const {
        using T = Number<decltype(u)>;
        return u * y * (u * y * T(0.25) + T(1)) + interval_indicator(-(u * y), T(0), T(4));
    }

    /// The u nearest to the given one with −u y in [0, 4].
    auto nearest_slope(const auto& u, const auto& y) const {
        using T = Number<decltype(u)>;
        return -(y * clamp(-(u * y), T(0), T(4)));
    }

    double lipschitz() const { return 4; }
    double smoothness() const { return 2; }
    bool accepts(double target) const { return target == 1 || target == -1; }

private:
    auto clipped(const auto& p, const auto& y) const {
        using T = Number<decltype(p)>;
        return clamp(1 - y * p, T(0), T(2));
    }
};

}  // namespace ermine
