// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/models/activation.hpp>
#include <ermine/numerics/sigmoid.hpp>

namespace ermine {

/// σ(x) = 1 / (1 + e⁻ˣ), σ' = y (1 − y), σ'' / σ' = 1 − 2 y.
struct SigmoidFunction {
    static constexpr const char* name = "sigmoid";

    auto value(const auto& x) const { return ermine::sigmoid(x); }
    auto slope(const auto& y) const { return y * (1 - y); }
    auto bend(const auto& y) const { return 1 - 2 * y; }
    double lipschitz() const { return 0.25; }
};

/// The logistic function, number by number.
inline Activation<SigmoidFunction> sigmoid() { return {}; }

}  // namespace ermine
