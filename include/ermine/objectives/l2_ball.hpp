// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

#include <ermine/concepts/number.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// 0 where ‖w‖₂ <= radius, otherwise +∞.
struct L2Ball {
    double radius = 1;

    static constexpr const char* name = "L2Ball";
    static constexpr bool separable = false;
    static constexpr bool indicator = true;

    /// 0 in the ball, up to the rounding of a norm (4 ε radius); +∞ outside, and where an entry is
    /// NaN.
    double value(const auto& w) const {
        const double room = 4 * double{std::numeric_limits<Number<decltype(w)>>::epsilon()};
        return norm(w) <= radius * (1 + room) ? 0 : std::numeric_limits<double>::infinity();
    }

    /// The nearest point of the ball, for every t: w · min(1, radius / ‖w‖). One NaN makes all
    /// entries NaN, as does an infinite one.
    void prox(auto&& w, double) const {
        using T = Number<decltype(w)>;
        const double length = norm(w);
        if (length <= radius) return;
        if (length <= std::numeric_limits<double>::max())
            w *= static_cast<T>(radius / length);
        else
            w.setConstant(std::numeric_limits<T>::quiet_NaN());
    }

    /// radius · ‖v‖.
    double conjugate(const auto& v) const { return radius * norm(v); }

    /// 1: the conjugate is finite everywhere.
    double shrink(const auto&) const { return 1; }

    /// Throws std::invalid_argument unless the radius is positive and finite.
    void check() const { require_positive(radius, "L2Ball: radius"); }

private:
    /// ‖w‖, which does not overflow where w does not.
    static double norm(const auto& w) {
        return w.size() == 0 ? 0 : w.template cast<double>().stableNorm();
    }
};

}  // namespace ermine
