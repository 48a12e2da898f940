// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <stdexcept>
#include <string>

#include <Eigen/Core>

namespace ermine {

/// Σ wᵢ xᵢ / Σ wᵢ, or the mean where `weights` has size 0; summed in double. NaN for no numbers.
/// Throws std::invalid_argument where there are weights and not one for each number.
template <class X, class W>
double weighted_mean(const Eigen::DenseBase<X>& x, const Eigen::DenseBase<W>& weights) {
    if (weights.size() != 0 && weights.size() != x.size())
        throw std::invalid_argument("weighted_mean: " + std::to_string(weights.size()) +
                                    " weights for " + std::to_string(x.size()) +
                                    " numbers: give one for each, or none");
    if (x.size() == 0) return std::numeric_limits<double>::quiet_NaN();
    const auto numbers = x.derived().array().template cast<double>();
    if (weights.size() == 0) return numbers.sum() / static_cast<double>(x.size());
    const auto factors = weights.derived().array().template cast<double>();
    return (factors * numbers).sum() / factors.sum();
}

}  // namespace ermine
