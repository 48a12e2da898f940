// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <concepts>
#include <limits>

namespace ermine {

/// s log s + (1 − s) log(1 − s), the negative entropy of two outcomes, as an Eigen functor: 0 at
/// both ends of [0, 1], +∞ outside, NaN stays NaN. It is the conjugate of softplus.
template <std::floating_point T>
struct NegativeEntropy {
    T operator()(const T& s) const {
        if (s < 0 || s > 1) return std::numeric_limits<T>::infinity();
        const T left = s > 0 ? s * std::log(s) : s;
        return s < 1 ? left + (1 - s) * std::log1p(-s) : left;
    }

    template <class Packet>
    Packet packetOp(const Packet& s) const {
        namespace packet = Eigen::internal;
        const Packet one = packet::pset1<Packet>(T(1));
        const Packet zero = packet::pzero(s);
        const Packet rest = packet::psub(one, s);
        // the logarithm of what is 0 is not looked at
        const Packet left =
            packet::pmul(s, packet::plog(packet::pselect(packet::pcmp_lt(zero, s), s, one)));
        const Packet right = packet::pmul(
            rest, packet::plog(packet::pselect(packet::pcmp_lt(zero, rest), rest, one)));
        const Packet outside = packet::por(packet::pcmp_lt(s, zero), packet::pcmp_lt(one, s));
        return packet::pselect(outside, packet::pset1<Packet>(std::numeric_limits<T>::infinity()),
                               packet::padd(left, right));
    }
};

/// s log s + (1 − s) log(1 − s) of a number.
template <std::floating_point T>
T negative_entropy(T s) {
    return NegativeEntropy<T>{}(s);
}

/// s log s + (1 − s) log(1 − s), elementwise and vectorized: an Eigen expression, which refers to
/// `s` as Eigen's own expressions do.
template <class Derived>
auto negative_entropy(const Eigen::ArrayBase<Derived>& s) {
    return s.derived().unaryExpr(NegativeEntropy<typename Derived::Scalar>{});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::NegativeEntropy<T>> {
    enum {
        Cost = 2 * functor_traits<scalar_log_op<T>>::Cost,
        PacketAccess = packet_traits<T>::HasLog && packet_traits<T>::HasCmp
    };
};
}  // namespace Eigen::internal
