// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include <ermine/concepts/number.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/clamp.hpp>

namespace ermine {

/// 0 where lower <= wᵢ <= upper for all i, otherwise +∞: keeps parameters between bounds, either
/// of which may be infinite. `Box{.lower = 0}` asks for w >= 0. With float parameters the bounds
/// are those rounded to float.
struct Box {
    double lower = -std::numeric_limits<double>::infinity();
    double upper = std::numeric_limits<double>::infinity();

    static constexpr const char* name = "Box";
    static constexpr bool separable = true;
    static constexpr bool indicator = true;
    static constexpr bool bounds_each = true;

    /// 0 inside; +∞ outside, and where an entry is NaN.
    double value(const auto& w) const {
        using T = Number<decltype(w)>;
        const bool inside = (w.array() >= static_cast<T>(lower)).all() &&
                            (w.array() <= static_cast<T>(upper)).all();
        return inside ? 0 : std::numeric_limits<double>::infinity();
    }

    /// The nearest point of the box, for every t > 0. NaN stays NaN.
    void prox(auto&& w, double) const {
        using T = Number<decltype(w)>;
        w.array() = clamp(w.array(), static_cast<T>(lower), static_cast<T>(upper));
    }

    /// k proximal steps on one number with the same slope, see RepeatedStep: once at a bound, it
    /// stays there.
    template <class X, class Step>
    void drift(X& x, double slope, Index k, const Step& step) const {
        const double end = step.at(x, slope, k);
        if (end >= lower && end <= upper) return step.go(x, slope, k);
        if (end != end) return step.put(x, end);
        const auto inside = [&](double z) { return z >= lower && z <= upper; };
        const Index before = step.last_inside(x, slope, k, inside);
        step.go(x, slope, before);
        step.put(x, end > upper ? upper : lower);
        step.hold(x, k - before);
    }

    /// Σ max(lower vᵢ, upper vᵢ), where 0 times an infinite bound is 0: +∞ where vᵢ points to an
    /// open side.
    double conjugate(const auto& v) const {
        double sum = 0;
        for (Index i = 0; i < v.size(); ++i) {
            const auto slope = static_cast<double>(v.coeff(i));
            if (slope != 0) sum += slope * (slope > 0 ? upper : lower);
        }
        return sum;
    }

    /// 1 where the conjugate is finite, otherwise 0: no share of v but none will do.
    double shrink(const auto& v) const { return std::isfinite(conjugate(v)) ? 1 : 0; }

    /// Throws std::invalid_argument unless lower <= upper and the box holds a finite number.
    void check() const {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        if (!(lower <= upper) || lower == infinity || upper == -infinity)
            throw std::invalid_argument("Box: lower is " + std::to_string(lower) +
                                        " and upper is " + std::to_string(upper) +
                                        ": lower <= upper is needed, and a finite number between");
    }
};

}  // namespace ermine
