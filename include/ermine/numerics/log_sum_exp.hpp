// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>

#include <Eigen/Core>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// log Σ exp(x_i) over all coefficients, computed as m + log Σ exp(x_i - m) with m the largest:
/// never overflows. NaN if some x_i is NaN, inf if some is inf, -inf if all are (or there is none).
template <class Derived>
typename Derived::Scalar log_sum_exp(const Eigen::DenseBase<Derived>& x) {
    using T = typename Derived::Scalar;
    if (x.size() == 0) {
        return -std::numeric_limits<T>::infinity();
    }
    const T largest = x.template maxCoeff<Eigen::PropagateNaN>();
    if (!std::isfinite(largest)) {
        return largest;
    }
    return largest + std::log((x.derived().array() - largest).exp().sum());
}

/// log_sum_exp of each row of `x` into `out`, a vector of as many numbers as `x` has rows.
/// Row-major matrices are read once; nothing is allocated.
template <class Derived, class Out>
void log_sum_exp_rows(const Eigen::DenseBase<Derived>& x, Eigen::DenseBase<Out>& out) {
    for (Index i = 0; i < x.rows(); ++i) {
        out.derived().coeffRef(i) = log_sum_exp(x.row(i));
    }
}

}  // namespace ermine
