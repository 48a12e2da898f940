// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/number.hpp>
#include <ermine/numerics/clamp.hpp>
#include <ermine/numerics/interval_indicator.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// δ² (√(1 + (r/δ)²) − 1) with r = p − y: like ½ r² near 0 and like δ |r| far away, as Huber's, but
/// with all derivatives (Charbonnier, Blanc-Féraud, Aubert & Barlaud, "Two deterministic
/// half-quadratic regularization algorithms for computed imaging", ICIP 1994; Hartley & Zisserman,
/// "Multiple View Geometry in Computer Vision", 2003, A6.8). Convex, δ-Lipschitz, 1-smooth. With
/// targets ±1 it is classification-calibrated: a function of 1 − y p with slope −1 / √(1 + 1/δ²)
/// at 0.
///
/// Nothing cancels near r = 0, and nothing overflows: it goes on in a straight line from where it
/// can't be told from one.
struct PseudoHuberLoss {
    double delta = 1;  ///< δ > 0, in the unit of the targets

    using form = Elementwise;
    using argument = Residual;
    static constexpr const char* name = "PseudoHuberLoss";
    static constexpr const char* targets = "any finite number";
    static constexpr bool convex = true;
    static constexpr bool calibrated = true;

    /// r² / (1 + √(1 + (r/δ)²)).
    auto value(const auto& p, const auto& y) const {
        using std::abs;
        using T = Number<decltype(p)>;
        const auto r = curved(p, y);
        return r * (r / (root(r) + T(1))) + static_cast<T>(delta) * abs((p - y) - r);
    }

    /// r / √(1 + (r/δ)²).
    auto derivative(const auto& p, const auto& y) const {
        return curved(p, y) / root(curved(p, y));
    }

    /// (1 + (r/δ)²)^(−3/2).
    auto second_derivative(const auto& p, const auto& y) const {
        const auto h = root(curved(p, y));
        return Number<decltype(p)>(1) / (h * h * h);
    }

    /// u y + δ² − δ √(δ² − u²) for |u| <= δ, +∞ beyond; computed as u (y + u / (1 + √(1 − u²/δ²))).
    auto conjugate(const auto& u, const auto& y) const {
        using std::sqrt;
        using T = Number<decltype(u)>;
        const auto bound = static_cast<T>(delta);
        const auto share = clamp(u * static_cast<T>(1 / delta), T(-1), T(1));
        return u * (y + u / (sqrt((T(1) - share) * (T(1) + share)) + T(1))) +
               interval_indicator(u, -bound, bound);
    }

    /// u clipped to [−δ, δ].
    auto nearest_slope(const auto& u, const auto&) const {
        const auto bound = static_cast<Number<decltype(u)>>(delta);
        return clamp(u, -bound, bound);
    }

    double lipschitz() const { return delta; }
    double smoothness() const { return 1; }
    bool accepts(double target) const { return std::isfinite(target); }

    /// Throws std::invalid_argument unless δ is positive and finite.
    void check() const { require_positive(delta, "PseudoHuberLoss: delta"); }

private:
    /// r, clipped to where the loss differs from a line by less than it is rounded.
    auto curved(const auto& p, const auto& y) const {
        using T = Number<decltype(p)>;
        const auto bound = static_cast<T>(delta * (sizeof(T) > sizeof(float) ? 1e9 : 1e5));
        return clamp(p - y, -bound, bound);
    }

    auto root(const auto& r) const {
        using std::sqrt;
        using T = Number<decltype(r)>;
        const auto scale = static_cast<T>(1 / delta);
        return sqrt((r * scale) * (r * scale) + T(1));
    }
};

}  // namespace ermine
