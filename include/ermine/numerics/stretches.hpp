// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// y ← y + a x for n consecutive numbers, and ...
template <class Scalar>
void add_multiple(Index n, Scalar a, const Scalar* x, Scalar* y) {
    using Numbers = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
    Eigen::Map<Numbers>(y, n) += a * Eigen::Map<const Numbers>(x, n);
}

/// ... xᵀ y. The factorizations that are written here are made of these two: each stretch of a
/// matrix as an Eigen expression of its own would compile for seconds.
template <class Scalar>
Scalar dot_product(Index n, const Scalar* x, const Scalar* y) {
    using Numbers = Eigen::Matrix<Scalar, Eigen::Dynamic, 1>;
    return Eigen::Map<const Numbers>(x, n).dot(Eigen::Map<const Numbers>(y, n));
}

}  // namespace ermine
