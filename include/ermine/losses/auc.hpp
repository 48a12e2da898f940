// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require_same_size.hpp>

namespace ermine {

/// The area under the ROC curve: the chance that a random example of class +1 is predicted higher
/// than a random one of class −1, ties counted half (the Mann–Whitney statistic; Hanley & McNeil,
/// Radiology 143, 1982). Exact, in O(n log n). With weights, examples are drawn in proportion.
/// NaN if a class is missing or a prediction is NaN.
struct Auc {
    using form = Whole;
    static constexpr const char* name = "Auc";
    static constexpr bool higher_is_better = true;

    /// `p`: n predictions; `y`: n targets ±1; `weights`: n weights, or none.
    double value(const auto& p, const auto& y, const auto& weights) const {
        require_same_size(p.size(), "predictions", y.size(), "targets");
        if (weights.size() != 0) require_same_size(weights.size(), "weights", y.size(), "targets");
        std::vector<Index> order(static_cast<std::size_t>(p.size()));
        std::iota(order.begin(), order.end(), Index{0});
        for (const Index i : order)
            if (std::isnan(p.coeff(i))) return std::numeric_limits<double>::quiet_NaN();
        std::sort(order.begin(), order.end(),
                  [&](Index a, Index b) { return p.coeff(a) < p.coeff(b); });

        double positive = 0;
        double negative = 0;
        double won = 0;  // weight of the pairs in the right order
        for (auto first = order.begin(); first != order.end();) {
            double tied_positive = 0;
            double tied_negative = 0;
            auto last = first;
            for (; last != order.end() && p.coeff(*last) == p.coeff(*first); ++last) {
                const double weight =
                    weights.size() == 0 ? 1.0 : static_cast<double>(weights.coeff(*last));
                (y.coeff(*last) > 0 ? tied_positive : tied_negative) += weight;
            }
            won += tied_positive * (negative + tied_negative / 2);
            positive += tied_positive;
            negative += tied_negative;
            first = last;
        }
        return won / (positive * negative);
    }

    /// Asked by whoever needs a derivative: does not compile, and says what to use instead.
    template <class T>
    static consteval bool explain() {
        static_assert(has_derivative<T>,
                      "Auc has no useful derivative: minimize a surrogate (LogisticLoss, "
                      "HingeLoss, …) and evaluate with Auc");
        return false;
    }

private:
    template <class>
    static constexpr bool has_derivative = false;
};

}  // namespace ermine
