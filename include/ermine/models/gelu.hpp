// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>

#include <ermine/models/activation.hpp>

namespace ermine {

/// σ(x) = x Φ(x) with Φ the distribution function of the standard normal, φ its density:
/// σ' = Φ + x φ, σ'' = (2 − x²) φ (Hendrycks & Gimpel, "Gaussian error linear units",
/// arXiv:1606.08415, 2016; exact, not their approximation by tanh). Φ by erfc, so that the left
/// tail keeps its relative accuracy; 0 at −∞, NaN stays NaN.
struct Gelu {
    static constexpr const char* name = "gelu";
    static constexpr bool from_input = true;

    double lipschitz() const { return 1.12891; }  // σ' is largest at √2

    auto value(const auto& x) const {
        return x.unaryExpr([](auto t) { return times(t, below(t)); });
    }
    auto slope(const auto& x) const {
        return x.unaryExpr([](auto t) { return below(t) + times(t, density(t)); });
    }
    auto bend(const auto& x) const {
        return x.unaryExpr([](auto t) { return times(2 - t * t, density(t)); });
    }

private:
    template <class T>
    static T below(T x) {
        return std::erfc(x * static_cast<T>(-0.70710678118654752)) / 2;
    }
    template <class T>
    static T density(T x) {
        return static_cast<T>(0.39894228040143268) * std::exp(-x * x / 2);
    }
    /// 0 where the tail is, even at infinity.
    template <class T>
    static T times(T x, T tail) {
        return tail == 0 ? T(0) : x * tail;
    }
};

/// x Φ(x), number by number.
inline Activation<Gelu> gelu() { return {}; }

}  // namespace ermine
