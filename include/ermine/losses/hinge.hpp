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

/// max(0, 1 − y p), the loss of support vector machines (Cortes & Vapnik 1995). Convex,
/// classification-calibrated and 1-Lipschitz; not smooth, and without a second derivative.
struct HingeLoss {
    using form = Elementwise;
    using argument = Margin;
    static constexpr const char* name = "HingeLoss";
    static constexpr const char* targets = "-1 or +1";
    static constexpr bool convex = true;
    static constexpr bool calibrated = true;

    /// max(0, 1 − y p).
    auto value(const auto& p, const auto& y) const { return positive_part(1 - y * p); }

    /// −y for margins y p < 1, 0 for y p > 1. At the kink y p = 1 it is 0, a subgradient out of
    /// [−1, 0] y: an example at the margin exerts no force.
    auto derivative(const auto& p, const auto& y) const { return -(y * heaviside(1 - y * p)); }

    /// With s = −u y: −s for s in [0, 1], +∞ outside.
    auto conjugate(const auto& u, const auto& y) const {
        using T = Number<decltype(u)>;
        return u * y + interval_indicator(-(u * y), T(0), T(1));
    }

    /// The u nearest to the given one with −u y in [0, 1].
    auto nearest_slope(const auto& u, const auto& y) const {
        using T = Number<decltype(u)>;
        return -(y * clamp(-(u * y), T(0), T(1)));
    }

    double lipschitz() const { return 1; }
    bool accepts(double target) const { return target == 1 || target == -1; }
};

}  // namespace ermine
