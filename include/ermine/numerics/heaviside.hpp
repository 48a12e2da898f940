// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <Eigen/Core>

namespace ermine {

/// The unit step as an Eigen functor: 1 for z > 0, 0 for z <= 0, NaN for NaN. Eigen's own
/// comparisons and select() go number by number.
template <std::floating_point T>
struct Heaviside {
    T operator()(const T& z) const { return z > 0 ? T(1) : (z <= 0 ? T(0) : z); }

    template <class Packet>
    Packet packetOp(const Packet& z) const {
        namespace packet = Eigen::internal;
        const Packet one = packet::pset1<Packet>(T(1));
        const Packet step = packet::pand(packet::pcmp_lt(packet::pzero(z), z), one);
        return packet::pselect(packet::pcmp_eq(z, z), step, z);
    }
};

/// 1 for z > 0 and 0 for z <= 0.
template <std::floating_point T>
T heaviside(T z) {
    return Heaviside<T>{}(z);
}

/// 1 for z > 0 and 0 for z <= 0, elementwise and vectorized: an Eigen expression, which refers to
/// `z` as Eigen's own expressions do (a named array must outlive it, an expression is kept by
/// value).
template <class Derived>
auto heaviside(const Eigen::ArrayBase<Derived>& z) {
    return z.derived().unaryExpr(Heaviside<typename Derived::Scalar>{});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::Heaviside<T>> {
    enum { Cost = 2 * NumTraits<T>::AddCost, PacketAccess = packet_traits<T>::HasCmp };
};
}  // namespace Eigen::internal
