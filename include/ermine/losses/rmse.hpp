// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <ermine/concepts/form.hpp>
#include <ermine/numerics/require_same_size.hpp>
#include <ermine/numerics/weighted_mean.hpp>

namespace ermine {

/// √(mean of (p − y)²), the root mean squared error, in the unit of the targets.
struct Rmse {
    using form = Whole;
    static constexpr const char* name = "Rmse";
    static constexpr bool higher_is_better = false;

    /// `p`: n predictions; `y`: n targets; `weights`: n weights, or none.
    double value(const auto& p, const auto& y, const auto& weights) const {
        require_same_size(p.size(), "predictions", y.size(), "targets");
        const auto errors = p.derived().array().template cast<double>() -
                            y.derived().array().template cast<double>();
        return std::sqrt(weighted_mean(errors.square(), weights));
    }

    /// Asked by whoever needs a derivative: does not compile, and says what to use instead.
    template <class T>
    static consteval bool explain() {
        static_assert(has_derivative<T>,
                      "Rmse is for evaluation and has no derivative: minimize SquaredLoss, which "
                      "has the same minimizer");
        return false;
    }

private:
    template <class>
    static constexpr bool has_derivative = false;
};

}  // namespace ermine
