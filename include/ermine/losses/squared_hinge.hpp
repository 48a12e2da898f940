// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/number.hpp>
#include <ermine/numerics/heaviside.hpp>
#include <ermine/numerics/interval_indicator.hpp>
#include <ermine/numerics/positive_part.hpp>

namespace ermine {

/// max(0, 1 − y p)², the "L2 loss" of LIBLINEAR (no factor ½). Convex, classification-calibrated
/// and 2-smooth; not Lipschitz.
struct SquaredHingeLoss {
    using form = Elementwise;
    using argument = Margin;
    static constexpr const char* name = "SquaredHingeLoss";
    static constexpr const char* targets = "-1 or +1";
    static constexpr bool convex = true;
    static constexpr bool calibrated = true;

    /// max(0, 1 − y p)².
    auto value(const auto& p, const auto& y) const {
        return positive_part(1 - y * p) * positive_part(1 - y * p);
    }

    /// −2 y max(0, 1 − y p).
    auto derivative(const auto& p, const auto& y) const {
        return y * (Number<decltype(p)>(-2) * positive_part(1 - y * p));
    }

    /// 2 for margins y p < 1, 0 for y p >= 1: at y p = 1, where the derivative has a kink, the
    /// smaller of the two.
    auto second_derivative(const auto& p, const auto& y) const {
        return Number<decltype(p)>(2) * heaviside(1 - y * p);
    }

    /// With s = −u y: s (s/4 − 1) for s >= 0, +∞ below.
    auto conjugate(const auto& u, const auto& y) const {
        using T = Number<decltype(u)>;
        return u * y * (u * y * T(0.25) + T(1)) +
               interval_indicator(-(u * y), T(0), std::numeric_limits<T>::infinity());
    }

    /// The u nearest to the given one with −u y >= 0.
    auto nearest_slope(const auto& u, const auto& y) const {
        return -(y * positive_part(-(u * y)));
    }

    double smoothness() const { return 2; }
    bool accepts(double target) const { return target == 1 || target == -1; }
};

}  // namespace ermine
