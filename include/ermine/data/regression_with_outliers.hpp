// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/data/planted.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/shuffle.hpp>

namespace ermine {

struct RegressionOptions {
    Index examples = 200;
    Index features = 5;
    double noise = 0.1;        ///< Standard deviation of what is added to each target.
    double outliers = 0.1;     ///< Share of the examples that are outliers, in [0, 1].
    double outlier_size = 10;  ///< The least that is added to the target of an outlier.
    std::uint64_t seed = 7;
};

/// Linear regression, y = xᵀw + noise with standard normal x and w, of which round(outliers n)
/// targets are wrong: outlier_size (1 + u) is added to them, u uniform on [0, 1), always upwards,
/// so that least squares is pulled away from `truth`, which is w.
/// Throws std::invalid_argument for an option that makes no sense.
inline Planted<DenseRows<double>> regression_with_outliers(const RegressionOptions& options = {}) {
    const Index n = options.examples;
    const Index d = options.features;
    require_count(n, "RegressionOptions::examples");
    require_count(d, "RegressionOptions::features");
    require_nonnegative(options.noise, "RegressionOptions::noise");
    require_nonnegative(options.outlier_size, "RegressionOptions::outlier_size");
    require_between(options.outliers, 0, 1, "RegressionOptions::outliers");
    Random random(options.seed);
    Eigen::VectorXd truth(d);
    for (double& w : truth) {
        w = random.normal();
    }
    Eigen::MatrixXd x(n, d);
    for (Index i = 0; i < n; ++i) {
        for (Index j = 0; j < d; ++j) {
            x(i, j) = random.normal();
        }
    }
    Eigen::VectorXd y = x * truth;
    for (double& target : y) {
        target += options.noise * random.normal();
    }
    std::vector<Index> order(static_cast<std::size_t>(n));
    std::iota(order.begin(), order.end(), Index{0});
    shuffle(std::span(order), random);
    order.resize(static_cast<std::size_t>(std::llround(options.outliers * static_cast<double>(n))));
    for (const Index i : order) {
        y[i] += options.outlier_size * (1 + random.uniform());
    }
    return {{x, y}, truth};
}

}  // namespace ermine
