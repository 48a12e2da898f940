// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/number.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/clamp.hpp>
#include <ermine/numerics/heaviside.hpp>
#include <ermine/numerics/interval_indicator.hpp>
#include <ermine/numerics/positive_part.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// A convex loss ℓ that goes on in a straight line from where its slope reaches c, made by
/// `huberized`: min_q ℓ(q, y) + c |p − q|. An example then pulls no more than c, however wrong its
/// target is, as in Huber's function, which is the huberized squared loss (Huber 1964).
/// The derivative is ℓ' clipped to [−c, c]: still convex, calibrated where ℓ is, c-Lipschitz, and
/// as smooth as ℓ.
template <class L>
class Huberized {
public:
    static constexpr bool convex_surrogate = ScalarLoss<L> && SurrogateLoss<L> && is_convex<L>;
    static_assert(convex_surrogate,
                  "huberized(loss, slope) takes a loss of one prediction with a derivative, which "
                  "says that it is convex: static constexpr bool convex = true");
    static constexpr bool of_margin =
        requires { requires std::same_as<typename L::argument, Margin>; };
    static_assert(
        of_margin || requires { requires std::same_as<typename L::argument, Residual>; },
        "huberized(loss, slope) takes a loss of the residual p - y or of the margin y p, "
        "and that must say so: using argument = Residual or using argument = Margin");

    using form = std::conditional_t<ElementwiseLoss<L>, Elementwise, void>;
    using argument = typename L::argument;
    static constexpr const char* name = "Huberized";
    static constexpr const char* targets = [] {
        if constexpr (requires { L::targets; })
            return L::targets;
        else
            return of_margin ? "-1 or +1" : "any finite number";
    }();
    static constexpr bool convex = true;
    static constexpr bool calibrated = is_calibrated<L>;

    /// Throws std::invalid_argument for options that the loss refuses, unless c is positive and
    /// finite, and where the loss falls or rises by more than c everywhere: capped, it would have
    /// no minimum.
    Huberized(L loss, double slope) : loss_(std::move(loss)), slope_(slope) {
        check();
        const auto at = [&](double z) {
            return static_cast<double>(loss_.derivative(z, of_margin ? 1.0 : 0.0));
        };
        lower_ = -kink([&](double z) { return -at(-z); });
        if constexpr (!of_margin) upper_ = kink(at);
        if (!(lower_ < upper_)) {
            throw std::invalid_argument(
                "huberized: the slope of the loss is nowhere between -c and c for c = " +
                std::to_string(slope_));
        }
    }

    /// ℓ with its argument, p − y or y p, clipped to where the slope is at most c, plus c for each
    /// unit clipped off.
    auto value(const auto& p, const auto& y) const {
        using std::abs;
        using T = Number<decltype(p)>;
        const auto c = static_cast<T>(slope_);
        if constexpr (of_margin) {
            const auto margin = y * p;
            const auto clipped = clamp(margin, limit<T>(lower_), limit<T>(upper_));
            return loss_.value(clipped, y * y) + c * positive_part(limit<T>(lower_) - margin);
        } else {
            const auto residual = p - y;
            const auto clipped = clamp(residual, limit<T>(lower_), limit<T>(upper_));
            return loss_.value(clipped, y - y) + c * abs(residual - clipped);
        }
    }

    /// ℓ'(p, y) clipped to [−c, c].
    auto derivative(const auto& p, const auto& y) const {
        const auto c = static_cast<Number<decltype(p)>>(slope_);
        return clamp(loss_.derivative(p, y), -c, c);
    }

    /// ℓ''(p, y), and 0 where |ℓ'(p, y)| >= c.
    auto second_derivative(const auto& p, const auto& y) const
        requires TwiceDifferentiableLoss<L>
    {
        using T = Number<decltype(p)>;
        const auto c = static_cast<T>(slope_);
        const auto within =
            heaviside(c - loss_.derivative(p, y)) * heaviside(c + loss_.derivative(p, y));
        // at the clipped argument: what is cut off may have overflowed, and 0 ∞ is NaN
        if constexpr (of_margin)
            return within *
                   loss_.second_derivative(clamp(y * p, limit<T>(lower_), limit<T>(upper_)), y * y);
        else
            return within *
                   loss_.second_derivative(clamp(p - y, limit<T>(lower_), limit<T>(upper_)), y - y);
    }

    /// That of ℓ for |u| <= c, +∞ beyond: an infimal convolution's conjugate is the sum of both.
    auto conjugate(const auto& u, const auto& y) const
        requires ConjugateLoss<L>
    {
        const auto c = static_cast<Number<decltype(u)>>(slope_);
        return loss_.conjugate(u, y) + interval_indicator(u, -c, c);
    }

    /// u clipped to [−c, c], and then to the slopes of ℓ.
    auto nearest_slope(const auto& u, const auto& y) const
        requires ConjugateLoss<L>
    {
        const auto c = static_cast<Number<decltype(u)>>(slope_);
        return loss_.nearest_slope(clamp(u, -c, c), y);
    }

    [[nodiscard]] const L& loss() const { return loss_; }

    /// c, or the constant of ℓ where that is smaller.
    [[nodiscard]] double lipschitz() const {
        if constexpr (LipschitzContinuous<L>) return std::min(slope_, loss_.lipschitz());
        return slope_;
    }

    /// That of ℓ.
    [[nodiscard]] double smoothness() const
        requires Smooth<L>
    {
        return loss_.smoothness();
    }

    [[nodiscard]] bool accepts(double target) const {
        if constexpr (requires { loss_.accepts(target); }) return loss_.accepts(target);
        return std::isfinite(target);
    }

    /// Throws std::invalid_argument for options that make no sense.
    void check() const {
        if constexpr (requires { loss_.check(); }) loss_.check();
        require_positive(slope_, "huberized: slope");
    }

private:
    L loss_;
    double slope_;
    double lower_ = 0;  // the slope of ℓ reaches −c here, as a function of p − y or y p
    double upper_ = std::numeric_limits<double>::infinity();

    /// A bound as a finite number of type T, so that ∞ − bound is no NaN.
    template <class T>
    static T limit(double bound) {
        constexpr auto most = static_cast<double>(std::numeric_limits<T>::max());
        return static_cast<T>(std::clamp(bound, -most, most));
    }

    /// The largest z at which the nondecreasing `derivative` is still below c, by bisection; ∞ if
    /// it always is, −∞ if it never is.
    template <class D>
    double kink(const D& derivative) const {
        constexpr double far = 1e300;
        double above = 1;
        while (!(derivative(above) >= slope_)) {
            above *= 2;
            if (above > far) return std::numeric_limits<double>::infinity();
        }
        double below = -1;
        while (derivative(below) >= slope_) {
            below *= 2;
            if (below < -far) return -std::numeric_limits<double>::infinity();
        }
        for (;;) {  // halves the interval until no number is left in it
            const double middle = below + (above - below) / 2;
            if (!(middle > below && middle < above)) return below;
            (derivative(middle) >= slope_ ? above : below) = middle;
        }
    }
};

/// The loss with its slope capped: `huberized(SquaredLoss{}, 1.5)`,
/// `huberized(LogisticLoss{}, 0.9)`.
template <class L>
auto huberized(L loss, double slope) {
    return Huberized<L>(std::move(loss), slope);
}

}  // namespace ermine
