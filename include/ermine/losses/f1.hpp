// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require_same_size.hpp>

namespace ermine {

/// 2 TP / (2 TP + FP + FN), the harmonic mean of precision and recall of class +1, in which p > 0
/// predicts +1. NaN if no example is of class +1 or predicted to be, or a prediction is NaN.
struct F1 {
    using form = Whole;
    static constexpr const char* name = "F1";
    static constexpr bool higher_is_better = true;

    /// `p`: n predictions; `y`: n targets ±1; `weights`: n weights, or none.
    double value(const auto& p, const auto& y, const auto& weights) const {
        require_same_size(p.size(), "predictions", y.size(), "targets");
        if (weights.size() != 0) require_same_size(weights.size(), "weights", y.size(), "targets");
        double found = 0;
        double wrong = 0;
        for (Index i = 0; i < p.size(); ++i) {
            if (std::isnan(p.coeff(i))) return std::numeric_limits<double>::quiet_NaN();
            const double weight = weights.size() == 0 ? 1.0 : static_cast<double>(weights.coeff(i));
            const bool predicted = p.coeff(i) > 0;
            const bool actual = y.coeff(i) > 0;
            if (predicted && actual) found += weight;
            if (predicted != actual) wrong += weight;
        }
        return 2 * found / (2 * found + wrong);
    }

    /// Asked by whoever needs a derivative: does not compile, and says what to use instead.
    template <class T>
    static consteval bool explain() {
        static_assert(has_derivative<T>,
                      "F1 has no useful derivative: minimize a surrogate (LogisticLoss, "
                      "HingeLoss, …), with class weights if need be, and evaluate with F1");
        return false;
    }

private:
    template <class>
    static constexpr bool has_derivative = false;
};

}  // namespace ermine
