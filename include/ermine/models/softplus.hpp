// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/models/activation.hpp>
#include <ermine/numerics/exp_minus_abs.hpp>
#include <ermine/numerics/one_minus_exp_minus_abs.hpp>
#include <ermine/numerics/softplus.hpp>

namespace ermine {

/// σ(x) = log(1 + eˣ), a smooth max(x, 0); σ' = 1 − e⁻ʸ, σ'' / σ' = e⁻ʸ (Dugas, Bengio, Bélisle,
/// Nadeau & Garcia, "Incorporating second-order functional knowledge for better option pricing",
/// NIPS 2000).
struct SoftplusUnit {
    static constexpr const char* name = "softplus";

    double lipschitz() const { return 1; }

    auto value(const auto& x) const { return softplus(x); }
    auto slope(const auto& y) const { return one_minus_exp_minus_abs(y); }
    auto bend(const auto& y) const { return exp_minus_abs(y); }
};

/// log(1 + eˣ), number by number.
inline Activation<SoftplusUnit> softplus() { return {}; }

}  // namespace ermine
