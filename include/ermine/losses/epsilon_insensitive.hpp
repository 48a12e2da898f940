// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/number.hpp>
#include <ermine/numerics/clamp.hpp>
#include <ermine/numerics/heaviside.hpp>
#include <ermine/numerics/interval_indicator.hpp>
#include <ermine/numerics/positive_part.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// max(0, |p − y| − ε), the loss of support vector regression (Vapnik, "The Nature of Statistical
/// Learning Theory", 1995, section 6.1): errors within the tube of half-width ε cost nothing.
/// Convex and 1-Lipschitz; not smooth, and without a second derivative. With targets ±1 it is
/// classification-calibrated for ε < 1 alone, and so doesn't say that it is.
struct EpsilonInsensitiveLoss {
    double epsilon = 0.1;  ///< ε >= 0, in the unit of the targets

    using form = Elementwise;
    using argument = Residual;
    static constexpr const char* name = "EpsilonInsensitiveLoss";
    static constexpr const char* targets = "any finite number";
    static constexpr bool convex = true;

    /// max(0, |p − y| − ε).
    auto value(const auto& p, const auto& y) const {
        using std::abs;
        return positive_part(abs(p - y) - static_cast<Number<decltype(p)>>(epsilon));
    }

    /// The sign of p − y outside the tube, 0 within and at its edges, which are kinks.
    auto derivative(const auto& p, const auto& y) const {
        const auto width = static_cast<Number<decltype(p)>>(epsilon);
        return heaviside((p - y) - width) - heaviside((y - p) - width);
    }

    /// u y + ε |u| for |u| <= 1, +∞ beyond.
    auto conjugate(const auto& u, const auto& y) const {
        using std::abs;
        using T = Number<decltype(u)>;
        return u * y + static_cast<T>(epsilon) * abs(u) + interval_indicator(u, T(-1), T(1));
    }

    /// u clipped to [−1, 1].
    auto nearest_slope(const auto& u, const auto&) const {
        using T = Number<decltype(u)>;
        return clamp(u, T(-1), T(1));
    }

    double lipschitz() const { return 1; }
    bool accepts(double target) const { return std::isfinite(target); }

    /// Throws std::invalid_argument unless ε is finite and not negative.
    void check() const { require_nonnegative(epsilon, "EpsilonInsensitiveLoss: epsilon"); }
};

}  // namespace ermine
