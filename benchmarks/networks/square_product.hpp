// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

namespace networks {

/// The seconds of a product of two square matrices of floats, by Eigen on OpenMP's threads: with
/// OpenBLAS', which PyTorch calls, what a large product can reach.
double square_product_seconds(Eigen::Index size, bool processor_time);

inline double square_product_operations(Eigen::Index size) {
    return 2.0 * static_cast<double>(size) * static_cast<double>(size) * static_cast<double>(size);
}

}  // namespace networks
