// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstdint>

#include <ermine/data/dataset.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

struct BlobsOptions {
    Index examples = 300;
    Index features = 2;
    Index classes = 3;
    double distance = 5;  ///< Standard deviation of the centres, in each coordinate.
    double spread = 1;    ///< Standard deviation of a class around its centre, likewise.
    std::uint64_t seed = 7;
};

/// A normal cloud for each of K classes, around centres that are normal themselves. Targets are
/// 0, …, K - 1 in turn. Throws std::invalid_argument for an
/// option that is not positive, where it has to be.
inline Dataset<DenseRows<double>> blobs(const BlobsOptions& options = {}) {
    const auto& [n, d, classes, distance, spread, seed] = options;
    require_positive(static_cast<double>(n), "BlobsOptions::examples");
    require_positive(static_cast<double>(d), "BlobsOptions::features");
    require_positive(static_cast<double>(classes), "BlobsOptions::classes");
    require_nonnegative(distance, "BlobsOptions::distance");
    require_nonnegative(spread, "BlobsOptions::spread");
    Random random(seed);
    Eigen::MatrixXd centres(classes, d);
    Eigen::MatrixXd x(n, d);
    Eigen::VectorXd y(n);
    for (Index k = 0; k < classes; ++k) {
        for (Index j = 0; j < d; ++j) {
            centres(k, j) = distance * random.normal();
        }
    }
    for (Index i = 0; i < n; ++i) {
        y[i] = static_cast<double>(i % classes);
        for (Index j = 0; j < d; ++j) {
            x(i, j) = centres(i % classes, j) + spread * random.normal();
        }
    }
    return {x, y};
}

}  // namespace ermine
