// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>

#include <Eigen/Core>

#include <ermine/numerics/one_minus_exp_minus_abs.hpp>

namespace ermine {

/// tanh(z) as an Eigen functor, computed as ± m / (2 - m) with m = 1 - exp(-2|z|), so that it keeps
/// its relative accuracy near 0: exact limits ±1, NaN stays NaN. Eigen 3.4 vectorizes its own for
/// floats alone. It is the derivative of log_cosh.
template <std::floating_point T>
struct HyperbolicTangent {
    T operator()(const T& z) const { return std::tanh(z); }

    template <class Packet>
    Packet packetOp(const Packet& z) const {
        namespace packet = Eigen::internal;
        const Packet m = OneMinusExpMinusAbs<T>{}.packetOp(packet::padd(z, z));
        const Packet size = packet::pdiv(m, packet::psub(packet::pset1<Packet>(T(2)), m));
        const Packet negative = packet::pcmp_lt(z, packet::pzero(z));
        return packet::pselect(negative, packet::pnegate(size), size);
    }
};

/// tanh(z) of a number.
template <std::floating_point T>
T hyperbolic_tangent(T z) {
    return HyperbolicTangent<T>{}(z);
}

/// tanh(z), elementwise and vectorized: an Eigen expression, which refers to `z` as Eigen's own
/// expressions do (a named array must outlive it, an expression is kept by value).
template <class Derived>
auto hyperbolic_tangent(const Eigen::ArrayBase<Derived>& z) {
    return z.derived().unaryExpr(HyperbolicTangent<typename Derived::Scalar>{});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::HyperbolicTangent<T>> {
    enum {
        Cost = 2 * functor_traits<scalar_exp_op<T>>::Cost,
        PacketAccess = functor_traits<scalar_exp_op<T>>::PacketAccess
    };
};
}  // namespace Eigen::internal
