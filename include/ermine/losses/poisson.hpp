// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/number.hpp>
#include <ermine/numerics/at_least.hpp>
#include <ermine/numerics/clamp.hpp>
#include <ermine/numerics/interval_indicator.hpp>
#include <ermine/numerics/multiple.hpp>
#include <ermine/numerics/overflowing_exp.hpp>
#include <ermine/numerics/positive_part.hpp>
#include <ermine/numerics/x_log_x.hpp>

namespace ermine {

/// e^p − y p, the negative log-likelihood of a count y with mean e^p, the log link, without the
/// log y! that no prediction changes (Nelder & Wedderburn, "Generalized linear models", JRSS A 135,
/// 1972). It is least at p = log y, and may be negative. Convex; neither Lipschitz nor smooth, as
/// it grows like e^p: use Newton's method or a line search, which need no constant.
///
/// It overflows to infinity where e^p does, and only there; for y = 0 it goes to 0 with p → −∞.
struct PoissonLoss {
    using form = Elementwise;
    static constexpr const char* name = "PoissonLoss";
    static constexpr const char* targets = "a count or a rate, a finite number >= 0";
    static constexpr bool convex = true;
    static constexpr bool natural = true;

    /// e^p − y p.
    auto value(const auto& p, const auto& y) const {
        using T = Number<decltype(p)>;
        // Where e^p is infinite the rest no longer matters, and must not be infinite, too.
        constexpr T overflown = sizeof(T) > sizeof(float) ? T(1e3) : T(1e2);
        constexpr T infinity = std::numeric_limits<T>::infinity();
        return overflowing_exp(p) - multiple(y, clamp(p, -infinity, overflown));
    }

    /// e^p − y.
    auto derivative(const auto& p, const auto& y) const { return overflowing_exp(p) - y; }

    /// e^p.
    auto second_derivative(const auto& p, const auto&) const { return overflowing_exp(p); }

    /// With m = u + y, the mean: m log m − m for m >= 0, +∞ below.
    auto conjugate(const auto& u, const auto& y) const {
        using T = Number<decltype(u)>;
        return x_log_x(positive_part(u + y)) - (u + y) +
               interval_indicator(u + y, T(0), std::numeric_limits<T>::infinity());
    }

    /// The u nearest to the given one with u + y >= 0.
    auto nearest_slope(const auto& u, const auto& y) const { return at_least(u, -y); }

    bool accepts(double target) const { return target >= 0 && std::isfinite(target); }
};

}  // namespace ermine
