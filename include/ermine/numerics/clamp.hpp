// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <Eigen/Core>

namespace ermine {

/// min(max(z, lower), upper), the projection to an interval, as an Eigen functor. NaN stays NaN,
/// which Eigen's min and max don't promise.
template <std::floating_point T>
struct Clamp {
    T lower;
    T upper;

    T operator()(const T& z) const { return z < lower ? lower : (z > upper ? upper : z); }

    template <class Packet>
    Packet packetOp(const Packet& z) const {
        namespace packet = Eigen::internal;
        const Packet low = packet::pset1<Packet>(lower);
        const Packet high = packet::pset1<Packet>(upper);
        const Packet raised = packet::pselect(packet::pcmp_lt(z, low), low, z);
        return packet::pselect(packet::pcmp_lt(high, raised), high, raised);
    }
};

/// min(max(z, lower), upper) for lower <= upper.
template <std::floating_point T>
T clamp(T z, T lower, T upper) {
    return Clamp<T>{lower, upper}(z);
}

/// min(max(z, lower), upper), elementwise and vectorized: an Eigen expression, which refers to `z`
/// as Eigen's own expressions do (a named array must outlive it, an expression is kept by value).
template <class Derived>
auto clamp(const Eigen::ArrayBase<Derived>& z, typename Derived::Scalar lower,
           typename Derived::Scalar upper) {
    return z.derived().unaryExpr(Clamp<typename Derived::Scalar>{lower, upper});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::Clamp<T>> {
    enum { Cost = 2 * NumTraits<T>::AddCost, PacketAccess = packet_traits<T>::HasCmp };
};
}  // namespace Eigen::internal
