// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>

#include <Eigen/Core>

#include <ermine/data/dataset.hpp>
#include <ermine/numerics/random.hpp>

#include "problem.hpp"

namespace linear {

/// The examples *wide*, n × d with d ≫ n: neighbouring columns are correlated by ½ (an
/// autoregression along the row), y = Xw + noise with `truths` standard normal weights at equal
/// distances, and noise of a tenth of the variance of Xw. y has mean 0.
inline ermine::Dataset<ermine::DenseRows<double>> wide(Index n, Index d, Index truths,
                                                       std::uint64_t seed) {
    ermine::Random random(seed);
    constexpr double correlation = 0.5;
    const double rest = std::sqrt(1 - correlation * correlation);
    ermine::DenseRows<double>::Matrix x(n, d);
    for (Index i = 0; i < n; ++i) {
        x(i, 0) = random.normal();
        for (Index j = 1; j < d; ++j) x(i, j) = correlation * x(i, j - 1) + rest * random.normal();
    }
    Eigen::VectorXd y = Eigen::VectorXd::Zero(n);
    for (Index k = 0; k < truths; ++k) y += random.normal() * x.col(k * (d / truths));
    const double noise = std::sqrt(0.1 * y.squaredNorm() / static_cast<double>(n));
    for (double& number : y) number += noise * random.normal();
    y.array() -= y.mean();
    return {x, y};
}

}  // namespace linear
