// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <string>

#include <ermine/models/activation.hpp>
#include <ermine/numerics/heaviside.hpp>
#include <ermine/numerics/one_minus_exp_minus_abs.hpp>
#include <ermine/numerics/positive_part.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// σ(x) = x for x > 0, α (eˣ − 1) otherwise; σ' = 1 or y + α, σ'' / σ' = 0 or 1 (Clevert,
/// Unterthiner & Hochreiter, "Fast and accurate deep network learning by exponential linear units",
/// ICLR 2016). eˣ − 1 without cancellation. NaN stays NaN.
struct Elu {
    static constexpr const char* name = "elu";

    double alpha = 1;  ///< −α is the limit on the left

    /// Throws std::invalid_argument unless 0 < alpha < ∞.
    void check(const std::string& where) const {
        require_positive(alpha, (where + ".alpha").c_str());
    }
    double lipschitz() const { return alpha > 1 ? alpha : 1; }

    template <class X>
    auto value(const X& x) const {
        return positive_part(x) -
               static_cast<typename X::Scalar>(alpha) * one_minus_exp_minus_abs(positive_part(-x));
    }
    template <class Y>
    auto slope(const Y& y) const {
        const auto right = heaviside(y);
        return right + (1 - right) * (static_cast<typename Y::Scalar>(alpha) - positive_part(-y));
    }
    auto bend(const auto& y) const { return 1 - heaviside(y); }
};

/// x or alpha (eˣ − 1), number by number.
inline Activation<Elu> elu(double alpha = 1) { return {{.alpha = alpha}}; }

}  // namespace ermine
