// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/number.hpp>
#include <ermine/numerics/interval_indicator.hpp>
#include <ermine/numerics/overflowing_exp.hpp>
#include <ermine/numerics/positive_part.hpp>
#include <ermine/numerics/x_log_x.hpp>

namespace ermine {

/// e^{−y p}, the loss that AdaBoost descends (Freund & Schapire, "A decision-theoretic
/// generalization of on-line learning and an application to boosting", JCSS 55, 1997; as a loss:
/// Friedman, Hastie & Tibshirani, Ann. Statist. 28, 2000, section 4). Its best prediction is half
/// the log-odds. Convex and classification-calibrated; neither Lipschitz nor smooth: an example far
/// on the wrong side outweighs all others, and a wrong label with it. `huberized(ExponentialLoss{},
/// 4)` caps that.
struct ExponentialLoss {
    using form = Elementwise;
    using argument = Margin;
    static constexpr const char* name = "ExponentialLoss";
    static constexpr const char* targets = "-1 or +1";
    static constexpr bool convex = true;
    static constexpr bool calibrated = true;

    /// e^{−y p}: infinite where that overflows.
    auto value(const auto& p, const auto& y) const { return overflowing_exp(-(y * p)); }

    /// −y e^{−y p}.
    auto derivative(const auto& p, const auto& y) const { return -(y * overflowing_exp(-(y * p))); }

    /// e^{−y p}.
    auto second_derivative(const auto& p, const auto& y) const { return overflowing_exp(-(y * p)); }

    /// With s = −u y: s log s − s for s >= 0, +∞ below.
    auto conjugate(const auto& u, const auto& y) const {
        using T = Number<decltype(u)>;
        return x_log_x(positive_part(-(u * y))) + u * y +
               interval_indicator(-(u * y), T(0), std::numeric_limits<T>::infinity());
    }

    /// The u nearest to the given one with −u y >= 0.
    auto nearest_slope(const auto& u, const auto& y) const {
        return -(y * positive_part(-(u * y)));
    }

    bool accepts(double target) const { return target == 1 || target == -1; }
};

}  // namespace ermine
