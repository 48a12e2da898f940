// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include <Eigen/Core>

#include <ermine/numerics/random.hpp>

namespace linear {

/// Labels −1 and +1 with P(+1) = 1 / (1 + e^{−z}), where z are these logits scaled to a standard
/// deviation of 3.
inline Eigen::VectorXd logistic_labels(Eigen::VectorXd logits, ermine::Random& random) {
    const double mean = logits.mean();
    const double variance =
        (logits.array() - mean).square().sum() / static_cast<double>(logits.size());
    logits *= 3 / std::sqrt(variance);
    for (double& z : logits) z = random.uniform() < 1 / (1 + std::exp(-z)) ? 1 : -1;
    return logits;
}

}  // namespace linear
