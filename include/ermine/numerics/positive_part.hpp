// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <Eigen/Core>

namespace ermine {

/// max(z, 0) as an Eigen functor. Unlike Eigen's max, which may drop it, NaN stays NaN.
template <std::floating_point T>
struct PositivePart {
    T operator()(const T& z) const { return z <= 0 ? T(0) : z; }

    template <class Packet>
    Packet packetOp(const Packet& z) const {
        namespace packet = Eigen::internal;
        const Packet zero = packet::pzero(z);
        return packet::pselect(packet::pcmp_le(z, zero), zero, z);
    }
};

/// max(z, 0) of a number.
template <std::floating_point T>
T positive_part(T z) {
    return PositivePart<T>{}(z);
}

/// max(z, 0), elementwise and vectorized: an Eigen expression, which refers to `z` as Eigen's own
/// expressions do (a named array must outlive it, an expression is kept by value).
template <class Derived>
auto positive_part(const Eigen::ArrayBase<Derived>& z) {
    return z.derived().unaryExpr(PositivePart<typename Derived::Scalar>{});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::PositivePart<T>> {
    enum { Cost = NumTraits<T>::AddCost, PacketAccess = packet_traits<T>::HasCmp };
};
}  // namespace Eigen::internal
