// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <Eigen/Core>

namespace ermine {

/// max(z, lower), both of which vary, as an Eigen functor. Unlike Eigen's max, which may drop it, a
/// NaN in z stays NaN.
template <std::floating_point T>
struct AtLeast {
    T operator()(const T& z, const T& lower) const { return z < lower ? lower : z; }

    template <class Packet>
    Packet packetOp(const Packet& z, const Packet& lower) const {
        namespace packet = Eigen::internal;
        return packet::pselect(packet::pcmp_lt(z, lower), lower, z);
    }
};

/// max(z, lower) of two numbers.
template <std::floating_point T>
T at_least(T z, T lower) {
    return AtLeast<T>{}(z, lower);
}

/// max(z, lower), elementwise and vectorized: an Eigen expression, which refers to `z` and `lower`
/// as Eigen's own expressions do (a named array must outlive it, an expression is kept by value).
template <class Z, class Lower>
auto at_least(const Eigen::ArrayBase<Z>& z, const Eigen::ArrayBase<Lower>& lower) {
    return z.derived().binaryExpr(lower.derived(), AtLeast<typename Z::Scalar>{});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::AtLeast<T>> {
    enum { Cost = NumTraits<T>::AddCost, PacketAccess = packet_traits<T>::HasCmp };
};
}  // namespace Eigen::internal
