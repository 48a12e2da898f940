// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/diagnostics/curvature_operator.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/stochastic_trace.hpp>

namespace ermine {

/// The trace of the Hessian of f at x, the sum of all curvatures, by products alone: Hutch++, with
/// half of its 95 % interval.
template <class F, Vector V>
[[nodiscard]] Estimate hessian_trace(const F& f, const V& x, const ProbeOptions& options = {}) {
    const CurvatureOperator<F, V> hessian(f, x, "hessian_trace");
    return hutch_plus_plus(x.size(), hessian, options);
}

/// The diagonal of the Hessian of f at x, by products alone.
template <class F, Vector V>
[[nodiscard]] DiagonalEstimate hessian_diagonal(const F& f, const V& x,
                                                const ProbeOptions& options = {}) {
    const CurvatureOperator<F, V> hessian(f, x, "hessian_diagonal");
    return stochastic_diagonal(x.size(), hessian, options);
}

}  // namespace ermine
