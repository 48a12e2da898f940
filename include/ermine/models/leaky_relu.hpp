// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <string>

#include <ermine/models/activation.hpp>
#include <ermine/numerics/heaviside.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// σ(x) = x for x > 0, a x otherwise, with slope a at 0 (Maas, Hannun & Ng, "Rectifier
/// nonlinearities improve neural network acoustic models", ICML 2013). NaN stays NaN.
struct LeakyRelu {
    static constexpr const char* name = "leaky_relu";
    static constexpr bool homogeneous = true;

    double left = 0.01;  ///< the slope a left of 0: positive, so that y tells the side

    /// Throws std::invalid_argument unless 0 < left < ∞.
    void check(const std::string& where) const {
        require_positive(left, (where + ".left").c_str());
    }
    double lipschitz() const { return left > 1 ? left : 1; }

    auto value(const auto& x) const { return x * slope(x); }
    template <class Y>
    auto slope(const Y& y) const {
        using T = typename Y::Scalar;
        const auto right = heaviside(y);
        return right + static_cast<T>(left) * (1 - right);
    }
    template <class Y>
    auto bend(const Y& y) const {
        return Y::PlainObject::Zero(y.size());
    }
};

/// x or `left` times x, number by number.
inline Activation<LeakyRelu> leaky_relu(double left = 0.01) { return {{.left = left}}; }

}  // namespace ermine
