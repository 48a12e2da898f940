// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/models/activation.hpp>
#include <ermine/numerics/heaviside.hpp>
#include <ermine/numerics/positive_part.hpp>

namespace ermine {

/// σ(x) = max(x, 0), with the slope 0 at 0 (Nair & Hinton, "Rectified linear units improve
/// restricted Boltzmann machines", ICML 2010). NaN stays NaN.
struct Relu {
    static constexpr const char* name = "relu";
    static constexpr bool homogeneous = true;

    auto value(const auto& x) const { return positive_part(x); }
    auto slope(const auto& y) const { return heaviside(y); }
    template <class Y>
    auto bend(const Y& y) const {
        return Y::PlainObject::Zero(y.size());
    }
    double lipschitz() const { return 1; }
};

/// max(x, 0), number by number.
inline Activation<Relu> relu() { return {}; }

}  // namespace ermine
