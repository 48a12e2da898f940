// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>

#include <Eigen/Core>

namespace ermine {

/// z log z as an Eigen functor, with its limit 0 at 0: NaN for z < 0 and for NaN, +inf at +inf.
template <std::floating_point T>
struct XLogX {
    T operator()(const T& z) const { return z == 0 ? T(0) : z * std::log(z); }

    template <class Packet>
    Packet packetOp(const Packet& z) const {
        namespace packet = Eigen::internal;
        const Packet zero = packet::pzero(z);
        const Packet product = packet::pmul(z, packet::plog(z));
        return packet::pselect(packet::pcmp_eq(z, zero), zero, product);
    }
};

/// z log z of a number.
template <std::floating_point T>
T x_log_x(T z) {
    return XLogX<T>{}(z);
}

/// z log z, elementwise and vectorized: an Eigen expression, which refers to `z` as
/// Eigen's own expressions do (a named array must outlive it, an expression is kept by value).
template <class Derived>
auto x_log_x(const Eigen::ArrayBase<Derived>& z) {
    return z.derived().unaryExpr(XLogX<typename Derived::Scalar>{});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::XLogX<T>> {
    enum {
        Cost = 1 * functor_traits<scalar_log_op<T>>::Cost,
        PacketAccess = functor_traits<scalar_log_op<T>>::PacketAccess
    };
};
}  // namespace Eigen::internal
