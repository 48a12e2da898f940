// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>

#include <Eigen/Core>

#include <ermine/numerics/exp_minus_abs.hpp>

namespace ermine {

/// exp(z) as an Eigen functor with the limits that it has: infinite where it overflows, 0 at -inf,
/// NaN stays NaN. Eigen 3.4's own vectorized exp stops at the largest finite number instead, which
/// hides that a run has diverged. To a few units in the last place.
template <std::floating_point T>
struct OverflowingExp {
    T operator()(const T& z) const { return std::exp(z); }

    template <class Packet>
    Packet packetOp(const Packet& z) const {
        namespace packet = Eigen::internal;
        const Packet falling = ExpMinusAbs<T>{}.packetOp(z);
        const Packet rising = packet::pdiv(packet::pset1<Packet>(T(1)), falling);
        return packet::pselect(packet::pcmp_lt(packet::pzero(z), z), rising, falling);
    }
};

/// exp(z) of a number.
template <std::floating_point T>
T overflowing_exp(T z) {
    return OverflowingExp<T>{}(z);
}

/// exp(z), elementwise and vectorized: an Eigen expression, which refers to `z` as Eigen's own
/// expressions do (a named array must outlive it, an expression is kept by value).
template <class Derived>
auto overflowing_exp(const Eigen::ArrayBase<Derived>& z) {
    return z.derived().unaryExpr(OverflowingExp<typename Derived::Scalar>{});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::OverflowingExp<T>> {
    enum {
        Cost = 2 * functor_traits<scalar_exp_op<T>>::Cost,
        PacketAccess = functor_traits<scalar_exp_op<T>>::PacketAccess
    };
};
}  // namespace Eigen::internal
