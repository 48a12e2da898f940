// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/form.hpp>
#include <ermine/numerics/require_same_size.hpp>
#include <ermine/numerics/weighted_mean.hpp>

namespace ermine {

/// 1 − Σ (p − y)² / Σ (y − ȳ)², the coefficient of determination: 1 for exact predictions, 0 for
/// the constant ȳ, the mean of the targets that it is evaluated on, and negative for worse. −∞ or
/// NaN where all targets are equal.
struct R2 {
    using form = Whole;
    static constexpr const char* name = "R2";
    static constexpr bool higher_is_better = true;

    /// `p`: n predictions; `y`: n targets; `weights`: n weights, or none.
    double value(const auto& p, const auto& y, const auto& weights) const {
        require_same_size(p.size(), "predictions", y.size(), "targets");
        const auto targets = y.derived().array().template cast<double>();
        const auto errors = p.derived().array().template cast<double>() - targets;
        const double mean = weighted_mean(targets, weights);
        return 1 - weighted_mean(errors.square(), weights) /
                       weighted_mean((targets - mean).square(), weights);
    }

    /// Asked by whoever needs a derivative: does not compile, and says what to use instead.
    template <class T>
    static consteval bool explain() {
        static_assert(has_derivative<T>,
                      "R2 is for evaluation and has no derivative: minimize SquaredLoss, which has "
                      "the same minimizer, or HuberLoss where there are outliers");
        return false;
    }

private:
    template <class>
    static constexpr bool has_derivative = false;
};

}  // namespace ermine
