// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <string>

#include <ermine/models/activation.hpp>
#include <ermine/numerics/heaviside.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// σ(x) = x for x > 0 and a x otherwise, with the slope a at 0 (Maas, Hannun & Ng, "Rectifier
/// nonlinearities improve neural network acoustic models", ICML 2013). a > 0, so that the sign of x
/// is that of σ(x).
struct LeakyRelu {
    static constexpr const char* name = "leaky_relu";
    static constexpr bool homogeneous = true;

    double leak = 0.01;  ///< a, in (0, 1)

    auto value(const auto& x) const { return x * slope(x); }
    template <class Y>
    auto slope(const Y& y) const {
        using T = typename Y::Scalar;
        return static_cast<T>(leak) + static_cast<T>(1 - leak) * heaviside(y);
    }
    template <class Y>
    auto bend(const Y& y) const {
        return Y::PlainObject::Zero(y.size());
    }
    double lipschitz() const { return 1; }
    /// Throws std::invalid_argument unless 0 < leak < 1.
    void check(const std::string&) const { require_fraction(leak, "LeakyRelu.leak"); }
};

/// x where it is positive, `leak` times x where it is not.
inline Activation<LeakyRelu> leaky_relu(double leak = 0.01) { return {{.leak = leak}}; }

}  // namespace ermine
