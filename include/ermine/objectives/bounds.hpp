// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

#include <ermine/concepts/number.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require_same_size.hpp>

namespace ermine {

/// 0 where lowerᵢ <= wᵢ <= upperᵢ for all i, otherwise +∞: a box with bounds of its own for each
/// number, any of which may be infinite. A side that is left empty bounds nothing:
/// `Bounds{.lower = l}`. With float parameters the bounds are those rounded to float.
struct Bounds {
    Eigen::VectorXd lower = {};
    Eigen::VectorXd upper = {};

    static constexpr const char* name = "Bounds";
    static constexpr bool separable = false;  // a stretch would not know which bounds are its own
    static constexpr bool indicator = true;
    static constexpr bool bounds_each = true;

    /// 0 inside; +∞ outside, and where an entry is NaN.
    /// Throws std::invalid_argument for bounds of another size than w, as prox does.
    double value(const auto& w) const {
        using T = Number<decltype(w)>;
        fit(w.size());
        const bool inside =
            !w.hasNaN() &&
            (lower.size() == 0 || (w.array() >= lower.template cast<T>().array()).all()) &&
            (upper.size() == 0 || (w.array() <= upper.template cast<T>().array()).all());
        return inside ? 0 : std::numeric_limits<double>::infinity();
    }

    /// The nearest point of the box, for every t. NaN stays NaN.
    void prox(auto&& w, double) const {
        using T = Number<decltype(w)>;
        fit(w.size());
        for (Index i = 0; i < lower.size(); ++i)
            if (w[i] < static_cast<T>(lower[i])) w[i] = static_cast<T>(lower[i]);
        for (Index i = 0; i < upper.size(); ++i)
            if (w[i] > static_cast<T>(upper[i])) w[i] = static_cast<T>(upper[i]);
    }

    /// Throws std::invalid_argument, naming the first number that has none, unless each has a
    /// finite value between its bounds, and for two sides of different sizes.
    void check() const {
        constexpr double infinity = std::numeric_limits<double>::infinity();
        if (lower.size() > 0 && upper.size() > 0)
            require_same_size(lower.size(), "numbers in Bounds.lower", upper.size(),
                              "in Bounds.upper");
        for (Index i = 0; i < std::max(lower.size(), upper.size()); ++i) {
            const double low = lower.size() > 0 ? lower[i] : -infinity;
            const double high = upper.size() > 0 ? upper[i] : infinity;
            if (!(low <= high) || low == infinity || high == -infinity)
                throw std::invalid_argument(
                    "Bounds: for number " + std::to_string(i) + " lower is " + std::to_string(low) +
                    " and upper is " + std::to_string(high) +
                    ": lower <= upper is needed, and a finite number between");
        }
    }

private:
    void fit(Index size) const {
        if (lower.size() > 0)
            require_same_size(lower.size(), "numbers in Bounds.lower", size, "to bound");
        if (upper.size() > 0)
            require_same_size(upper.size(), "numbers in Bounds.upper", size, "to bound");
    }
};

}  // namespace ermine
