// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/models/activation.hpp>
#include <ermine/numerics/one_minus_exp_minus_abs.hpp>
#include <ermine/numerics/softplus.hpp>

namespace ermine {

/// σ(x) = log(1 + eˣ), σ' = 1 − e⁻ʸ, σ'' / σ' = e⁻ʸ (Dugas et al., "Incorporating second-order
/// functional knowledge for better option pricing", NIPS 2001).
struct SoftplusFunction {
    static constexpr const char* name = "softplus";

    auto value(const auto& x) const { return ermine::softplus(x); }
    template <class Y>
    auto slope(const Y& y) const {
        return y.unaryExpr(OneMinusExpMinusAbs<typename Y::Scalar>{});
    }
    auto bend(const auto& y) const { return (-y).exp(); }
    double lipschitz() const { return 1; }
};

/// A smooth rectifier, number by number.
inline Activation<SoftplusFunction> softplus() { return {}; }

}  // namespace ermine
