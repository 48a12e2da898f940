// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/models/activation.hpp>
#include <ermine/numerics/heaviside.hpp>
#include <ermine/numerics/one_minus_exp_minus_abs.hpp>
#include <ermine/numerics/positive_part.hpp>

namespace ermine {

/// σ(x) = x for x > 0 and eˣ − 1 otherwise: σ' = 1 or y + 1, σ'' / σ' = 0 or 1 (Clevert,
/// Unterthiner & Hochreiter, "Fast and accurate deep network learning by exponential linear units",
/// ICLR 2016, with α = 1).
struct Elu {
    static constexpr const char* name = "elu";

    template <class X>
    auto value(const X& x) const {
        return positive_part(x) -
               x.min(typename X::Scalar(0)).unaryExpr(OneMinusExpMinusAbs<typename X::Scalar>{});
    }
    template <class Y>
    auto slope(const Y& y) const {
        return y.min(typename Y::Scalar(0)) + 1;
    }
    auto bend(const auto& y) const { return 1 - heaviside(y); }
    double lipschitz() const { return 1; }
};

/// The exponential linear unit, number by number.
inline Activation<Elu> elu() { return {}; }

}  // namespace ermine
