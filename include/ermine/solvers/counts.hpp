// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <tuple>

namespace ermine {

/// What a run has cost. The loop counts, not the method, so no method can forget.
struct Counts {
    std::int64_t values = 0;      ///< evaluations of the value alone
    std::int64_t gradients = 0;   ///< evaluations of value and gradient together
    std::int64_t hessians = 0;    ///< Hessians formed
    std::int64_t products = 0;    ///< Hessian-vector products
    std::int64_t residuals = 0;   ///< evaluations of all residuals of a least squares problem
    std::int64_t jacobians = 0;   ///< Jacobians formed
    std::int64_t partials = 0;    ///< derivatives by one coordinate
    std::int64_t examples = 0;    ///< examples whose gradient was taken
    std::int64_t monitoring = 0;  ///< evaluations of the objective to watch and to end the run

    auto fields() {
        return std::tie(values, gradients, hessians, products, residuals, jacobians, partials,
                        examples, monitoring);
    }
};

}  // namespace ermine
