// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// Lᵢ = L_ℓ (n wᵢ / Σ w) ‖x̃ᵢ‖² for each example of an EmpiricalRisk with a linear model: the
/// Lipschitz constant of its gradient, x̃ = [x; 1] where there is an intercept. The scores that
/// `Importance` draws by; the largest is `risk.smoothness_per_example()`.
template <class Risk>
    requires requires(const Risk& risk) {
        risk.loss().smoothness();
        risk.data().rows();
    }
Eigen::VectorXd example_smoothness(const Risk& risk) {
    const auto& data = risk.data();
    const auto& rows = data.rows();
    const Index n = data.examples();
    const double constant = risk.penalized() < risk.parameters() ? 1 : 0;
    const double scale = data.weighted() ? static_cast<double>(n) / data.weights().sum() : 1;
    Eigen::VectorXd result(n);
    for (Index i = 0; i < n; ++i) {
        double square = constant;
        const auto add = [&square](auto x) {
            square += static_cast<double>(x) * static_cast<double>(x);
        };
        if constexpr (requires { rows.columns; }) {
            for (const auto x : rows.row_values(i)) add(x);
        } else {
            for (Index j = 0; j < rows.features; ++j) add(rows.row(i)[j]);
        }
        const double weight = data.weighted() ? data.weights()[i] * scale : 1;
        result[i] = risk.loss().smoothness() * weight * square;
    }
    return result;
}

}  // namespace ermine
