// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/number.hpp>
#include <ermine/numerics/clamp.hpp>
#include <ermine/numerics/heaviside.hpp>
#include <ermine/numerics/interval_indicator.hpp>

namespace ermine {

/// |p − y|, the loss of least absolute deviations: its best constant prediction is the median
/// (Laplace 1774). Convex and 1-Lipschitz; not smooth, and without a second derivative. With
/// targets ±1 it is |1 − y p|, a classification-calibrated loss of the margin.
struct AbsoluteLoss {
    using form = Elementwise;
    using argument = Residual;
    static constexpr const char* name = "AbsoluteLoss";
    static constexpr const char* targets = "any finite number";
    static constexpr bool convex = true;
    static constexpr bool calibrated = true;

    /// |p − y|.
    auto value(const auto& p, const auto& y) const {
        using std::abs;
        return abs(p - y);
    }

    /// The sign of p − y; at the kink p = y it is 0, a subgradient out of [−1, 1].
    auto derivative(const auto& p, const auto& y) const {
        return heaviside(p - y) - heaviside(y - p);
    }

    /// u y for |u| <= 1, +∞ beyond.
    auto conjugate(const auto& u, const auto& y) const {
        using T = Number<decltype(u)>;
        return u * y + interval_indicator(u, T(-1), T(1));
    }

    /// u clipped to [−1, 1].
    auto nearest_slope(const auto& u, const auto&) const {
        using T = Number<decltype(u)>;
        return clamp(u, T(-1), T(1));
    }

    double lipschitz() const { return 1; }
    bool accepts(double target) const { return std::isfinite(target); }
};

}  // namespace ermine
