// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/models/activation.hpp>
#include <ermine/numerics/hyperbolic_tangent.hpp>

namespace ermine {

/// σ(x) = tanh(x), σ' = 1 − y², σ'' / σ' = −2 y.
struct Tanh {
    static constexpr const char* name = "tanh";
    static constexpr bool odd = true;

    auto value(const auto& x) const { return hyperbolic_tangent(x); }
    auto slope(const auto& y) const { return 1 - y.square(); }
    auto bend(const auto& y) const { return -2 * y; }
    double lipschitz() const { return 1; }
};

/// tanh(x), number by number.
inline Activation<Tanh> tanh() { return {}; }

}  // namespace ermine
