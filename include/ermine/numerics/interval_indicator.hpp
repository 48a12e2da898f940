// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <limits>

#include <Eigen/Core>

namespace ermine {

/// 0 for lower <= z <= upper and +∞ outside, as an Eigen functor. NaN stays NaN.
template <std::floating_point T>
struct IntervalIndicator {
    T lower;
    T upper;

    T operator()(const T& z) const {
        if (z < lower || z > upper) return std::numeric_limits<T>::infinity();
        return z == z ? T(0) : z;
    }

    template <class Packet>
    Packet packetOp(const Packet& z) const {
        namespace packet = Eigen::internal;
        const Packet infinity = packet::pset1<Packet>(std::numeric_limits<T>::infinity());
        const Packet outside = packet::por(packet::pcmp_lt(z, packet::pset1<Packet>(lower)),
                                           packet::pcmp_lt(packet::pset1<Packet>(upper), z));
        return packet::pselect(packet::pcmp_eq(z, z), packet::pand(outside, infinity), z);
    }
};

/// 0 for lower <= z <= upper, +∞ outside.
template <std::floating_point T>
T interval_indicator(T z, T lower, T upper) {
    return IntervalIndicator<T>{lower, upper}(z);
}

/// 0 for lower <= z <= upper, +∞ outside, elementwise and vectorized: an Eigen expression, which
/// refers to `z` as Eigen's own expressions do (a named array must outlive it, an expression is
/// kept by value).
template <class Derived>
auto interval_indicator(const Eigen::ArrayBase<Derived>& z, typename Derived::Scalar lower,
                        typename Derived::Scalar upper) {
    return z.derived().unaryExpr(IntervalIndicator<typename Derived::Scalar>{lower, upper});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::IntervalIndicator<T>> {
    enum { Cost = 2 * NumTraits<T>::AddCost, PacketAccess = packet_traits<T>::HasCmp };
};
}  // namespace Eigen::internal
