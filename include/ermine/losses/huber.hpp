// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/number.hpp>
#include <ermine/numerics/clamp.hpp>
#include <ermine/numerics/heaviside.hpp>
#include <ermine/numerics/interval_indicator.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// With r = p − y: ½ r² for |r| <= δ, δ (|r| − δ/2) beyond (Huber, "Robust estimation of a location
/// parameter", Ann. Math. Statist. 35, 1964). A regression loss in which an outlier pulls no more
/// than δ: convex, δ-Lipschitz, 1-smooth. With targets ±1 it is classification-calibrated: a
/// function of 1 − y p with slope −min(1, δ) at 0.
struct HuberLoss {
    double delta = 1;  ///< δ > 0, in the unit of the targets

    using form = Elementwise;
    using argument = Residual;
    static constexpr const char* name = "HuberLoss";
    static constexpr const char* targets = "any finite number";
    static constexpr bool convex = true;
    static constexpr bool calibrated = true;

    /// c (r − c/2) with c = r clipped to [−δ, δ].
    auto value(const auto& p, const auto& y) const {
        using T = Number<decltype(p)>;
        const auto clipped = derivative(p, y);
        return clipped * ((p - y) - clipped * T(0.5));
    }

    /// r clipped to [−δ, δ].
    auto derivative(const auto& p, const auto& y) const {
        const auto bound = static_cast<Number<decltype(p)>>(delta);
        return clamp(p - y, -bound, bound);
    }

    /// 1 for |r| < δ, 0 for |r| >= δ: at |r| = δ, where the derivative has a kink, the smaller of
    /// the two.
    auto second_derivative(const auto& p, const auto& y) const {
        const auto bound = static_cast<Number<decltype(p)>>(delta);
        return heaviside(bound - (p - y)) * heaviside(bound + (p - y));
    }

    /// u (y + u/2) for |u| <= δ, +∞ beyond.
    auto conjugate(const auto& u, const auto& y) const {
        using T = Number<decltype(u)>;
        const auto bound = static_cast<T>(delta);
        return u * (y + u * T(0.5)) + interval_indicator(u, -bound, bound);
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
    void check() const { require_positive(delta, "HuberLoss: delta"); }
};

}  // namespace ermine
