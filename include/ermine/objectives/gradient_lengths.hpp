// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstdint>

#include <ermine/concepts/objective.hpp>

namespace ermine {

/// ‖∇fᵢ(x)‖ for each example of a sum: how much it pulls at x. The scores by which `Importance`
/// estimates the gradient at x with the least variance. Costs a gradient over all examples, taken
/// one by one.
template <class F, class V>
    requires FiniteSum<F, V>
Eigen::VectorXd gradient_lengths(const F& f, const V& x) {
    Eigen::VectorXd result(f.examples());
    V gradient(x.size());
    for (Index i = 0; i < result.size(); ++i) {
        const auto number = static_cast<std::int32_t>(i);
        f.value_and_gradient(x, Batch(&number, 1), gradient);
        result[i] = gradient.template cast<double>().norm();
    }
    return result;
}

}  // namespace ermine
