// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/number.hpp>
#include <ermine/numerics/clamp.hpp>
#include <ermine/numerics/heaviside.hpp>
#include <ermine/numerics/interval_indicator.hpp>
#include <ermine/numerics/positive_part.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// The hinge with its kink rounded by a parabola of width γ. With z = 1 − y p:
///
///     0              for z <= 0
///     z² / 2γ        for 0 <= z <= γ
///     z − γ/2        for z >= γ
///
/// It is the Moreau envelope of the hinge with parameter γ, so that it lies below it by at most
/// γ/2. γ = 1 is the smooth hinge of Rennie & Srebro, "Loss functions for preference levels",
/// IJCAI workshop 2005; any γ: Shalev-Shwartz & Zhang, "Stochastic dual coordinate ascent", JMLR
/// 14, 2013. Convex, classification-calibrated, 1-Lipschitz, 1/γ-smooth.
struct SmoothedHingeLoss {
    double width = 1;  ///< γ > 0, in units of the margin

    using form = Elementwise;
    using argument = Margin;
    static constexpr const char* name = "SmoothedHingeLoss";
    static constexpr const char* targets = "-1 or +1";
    static constexpr bool convex = true;
    static constexpr bool calibrated = true;

    /// s (max(z, 0) − γ s / 2) with s = min(max(z / γ, 0), 1), the slope.
    auto value(const auto& p, const auto& y) const {
        using T = Number<decltype(p)>;
        return slope(p, y) * (positive_part(1 - y * p) - static_cast<T>(width / 2) * slope(p, y));
    }

    /// −y min(max(z / γ, 0), 1).
    auto derivative(const auto& p, const auto& y) const { return -(y * slope(p, y)); }

    /// 1/γ for 0 < z < γ, otherwise 0: at the ends, where the derivative has kinks, the smaller of
    /// the two.
    auto second_derivative(const auto& p, const auto& y) const {
        using T = Number<decltype(p)>;
        return static_cast<T>(1 / width) *
               (heaviside(1 - y * p) * heaviside(y * p - static_cast<T>(1 - width)));
    }

    /// With s = −u y: s (γ s/2 − 1) for s in [0, 1], +∞ outside.
    auto conjugate(const auto& u, const auto& y) const {
        using T = Number<decltype(u)>;
        return u * y * (static_cast<T>(width / 2) * (u * y) + T(1)) +
               interval_indicator(-(u * y), T(0), T(1));
    }

    /// The u nearest to the given one with −u y in [0, 1].
    auto nearest_slope(const auto& u, const auto& y) const {
        using T = Number<decltype(u)>;
        return -(y * clamp(-(u * y), T(0), T(1)));
    }

    double lipschitz() const { return 1; }
    double smoothness() const { return 1 / width; }
    bool accepts(double target) const { return target == 1 || target == -1; }

    /// Throws std::invalid_argument unless γ is positive and finite.
    void check() const { require_positive(width, "SmoothedHingeLoss: width"); }

private:
    auto slope(const auto& p, const auto& y) const {
        using T = Number<decltype(p)>;
        return clamp((1 - y * p) * static_cast<T>(1 / width), T(0), T(1));
    }
};

}  // namespace ermine
