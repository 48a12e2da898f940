// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/concepts/form.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/numerics/require_same_size.hpp>
#include <ermine/numerics/weighted_mean.hpp>

namespace ermine {

/// The mean of −log P(y): how surprised one is who believes the probabilities that predictions
/// stand for. P is σ(y p) for one column of predictions and targets ±1, and the softmax for K
/// columns and class numbers. It judges models that were fitted with any loss; predictions of a
/// hinge are no log-odds and do badly. Computed from p, so that no probability is rounded to 0.
struct LogLoss {
    using form = Whole;
    static constexpr const char* name = "LogLoss";
    static constexpr bool higher_is_better = false;

    /// `p`: B × 1 or B × K predictions; `y`: B targets; `weights`: B weights, or none.
    double value(const auto& p, const auto& y, const auto& weights) const {
        require_same_size(p.rows(), "rows of predictions", y.size(), "targets");
        Eigen::ArrayXd losses(p.rows());
        if (p.cols() == 1)
            for (Index i = 0; i < p.rows(); ++i)
                losses(i) = LogisticLoss{}.value(double(p.coeff(i, 0)), double(y.coeff(i)));
        else
            SoftmaxCrossEntropy{}.value(p, y, losses);
        return weighted_mean(losses, weights);
    }

    /// Asked by whoever needs a derivative: does not compile, and says what to use instead.
    template <class T>
    static consteval bool explain() {
        static_assert(has_derivative<T>,
                      "LogLoss is for evaluation and has no derivative: minimize LogisticLoss or "
                      "SoftmaxCrossEntropy, whose mean it is");
        return false;
    }

private:
    template <class>
    static constexpr bool has_derivative = false;
};

}  // namespace ermine
