// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/models/activation.hpp>
#include <ermine/numerics/sigmoid.hpp>

namespace ermine {

/// σ(x) = 1 / (1 + e⁻ˣ), σ' = y (1 − y), σ'' / σ' = 1 − 2 y.
struct SigmoidUnit {
    static constexpr const char* name = "sigmoid";

    double lipschitz() const { return 0.25; }

    auto value(const auto& x) const { return sigmoid(x); }
    auto slope(const auto& y) const { return y * (1 - y); }
    auto bend(const auto& y) const { return 1 - 2 * y; }
};

/// 1 / (1 + e⁻ˣ), number by number.
inline Activation<SigmoidUnit> sigmoid() { return {}; }

}  // namespace ermine
