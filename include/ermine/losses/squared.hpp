// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <type_traits>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/number.hpp>

namespace ermine {

/// ½ (p − y)², the loss of least squares. It is 1-smooth and 1-strongly convex. With targets ±1 it
/// is ½ (1 − y p)², a classification-calibrated loss of the margin.
struct SquaredLoss {
    using form = Elementwise;
    using argument = Residual;
    static constexpr const char* name = "SquaredLoss";
    static constexpr const char* targets = "any finite number";
    static constexpr bool convex = true;
    static constexpr bool calibrated = true;
    static constexpr bool natural = true;  // of a normal number with mean p and variance 1

    /// ½ (p − y)².
    auto value(const auto& p, const auto& y) const {
        return (p - y) * ((p - y) * Number<decltype(p)>(0.5));
    }

    /// p − y.
    auto derivative(const auto& p, const auto& y) const { return p - y; }

    /// 1, as often as p has entries.
    auto second_derivative(const auto& p, const auto&) const {
        using P = std::remove_cvref_t<decltype(p)>;
        if constexpr (std::is_arithmetic_v<P>)
            return P(1);
        else
            return P::PlainObject::Ones(p.rows(), p.cols());
    }

    /// u (y + u/2), for every u.
    auto conjugate(const auto& u, const auto& y) const {
        return u * (y + u * Number<decltype(u)>(0.5));
    }

    /// u itself.
    auto nearest_slope(const auto& u, const auto&) const { return u * Number<decltype(u)>(1); }

    /// A normal number with mean p and variance 1.
    double draw(double p, auto& random) const { return p + random.normal(); }

    double smoothness() const { return 1; }
    double strong_convexity() const { return 1; }
    bool accepts(double target) const { return std::isfinite(target); }
};

}  // namespace ermine
