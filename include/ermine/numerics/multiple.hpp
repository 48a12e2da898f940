// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <Eigen/Core>

namespace ermine {

/// k z as an Eigen functor, with 0 for k = 0 even where z is infinite: how often a thing counts
/// times what it costs. NaN stays NaN.
template <std::floating_point T>
struct Multiple {
    T operator()(const T& k, const T& z) const { return k == 0 && z == z ? T(0) : k * z; }

    template <class Packet>
    Packet packetOp(const Packet& k, const Packet& z) const {
        namespace packet = Eigen::internal;
        const Packet never = packet::pand(packet::pcmp_eq(k, packet::pzero(k)),  //
                                          packet::pcmp_eq(z, z));
        return packet::pselect(never, packet::pzero(z), packet::pmul(k, z));
    }
};

/// k z, and 0 for k = 0 unless z is NaN.
template <std::floating_point T>
T multiple(T k, T z) {
    return Multiple<T>{}(k, z);
}

/// k z, and 0 for k = 0 unless z is NaN, elementwise and vectorized: an Eigen expression, which
/// refers to `k` and `z` as Eigen's own expressions do (a named array must outlive it, an
/// expression is kept by value).
template <class K, class Z>
auto multiple(const Eigen::ArrayBase<K>& k, const Eigen::ArrayBase<Z>& z) {
    return k.derived().binaryExpr(z.derived(), Multiple<typename K::Scalar>{});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::Multiple<T>> {
    enum {
        Cost = NumTraits<T>::MulCost + NumTraits<T>::AddCost,
        PacketAccess = packet_traits<T>::HasCmp && packet_traits<T>::HasMul
    };
};
}  // namespace Eigen::internal
