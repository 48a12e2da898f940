// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// Replaces v by Q v, Q = H₀ H₁ … the product of reflections as Eigen's decompositions store it:
/// H_k = I − c_k u uᵀ, where u is 1 at k + shift and goes on with what stands below that in column
/// k of `packed`. shift is 0 for a QR decomposition, 1 for a tridiagonalization. Unlike Eigen's
/// product it allocates nothing.
void apply_reflections(const auto& packed, const auto& coefficients, Index shift, auto&& v) {
    const Index n = packed.rows();
    for (Index k = n - shift; k-- > 0;) {
        const Index head = k + shift;
        const Index rest = n - head - 1;
        const auto below = packed.col(k).tail(rest);
        const auto t = coefficients[k] * (v[head] + below.dot(v.tail(rest)));
        v[head] -= t;
        v.tail(rest) -= t * below;
    }
}

}  // namespace ermine
