// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/concepts/form.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/numerics/require_same_size.hpp>
#include <ermine/numerics/weighted_mean.hpp>

namespace ermine {

/// The share of right answers, 1 − the mean ZeroOneLoss: with one column of predictions and targets
/// ±1, or with K columns and class numbers. NaN if a prediction is NaN.
struct Accuracy {
    using form = Whole;
    static constexpr const char* name = "Accuracy";
    static constexpr bool higher_is_better = true;

    /// `p`: B × 1 or B × K predictions; `y`: B targets; `weights`: B weights, or none.
    double value(const auto& p, const auto& y, const auto& weights) const {
        require_same_size(p.rows(), "rows of predictions", y.size(), "targets");
        Eigen::ArrayXd errors(p.rows());
        if (p.cols() == 1)
            for (Index i = 0; i < p.rows(); ++i)
                errors(i) = ZeroOneLoss{}.value(double(p.coeff(i, 0)), double(y.coeff(i)));
        else
            ZeroOneLoss{}.value(p, y, errors);
        return 1 - weighted_mean(errors, weights);
    }

    /// Asked by whoever needs a derivative: does not compile, and says what to use instead.
    template <class T>
    static consteval bool explain() {
        static_assert(has_derivative<T>,
                      "Accuracy has no useful derivative: minimize a surrogate (LogisticLoss, "
                      "HingeLoss, SoftmaxCrossEntropy, …) and evaluate with Accuracy");
        return false;
    }

private:
    template <class>
    static constexpr bool has_derivative = false;
};

}  // namespace ermine
