// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <limits>

#include <Eigen/Core>

#include <ermine/numerics/x_log_x.hpp>

namespace ermine {

/// s log s + (1 - s) log(1 - s), the negative entropy of two outcomes, as an Eigen functor: 0 at
/// both ends of [0, 1], +∞ outside, NaN stays NaN. It is the conjugate of softplus. With t the
/// smaller of s and 1 - s, the second term is (1 - t) log1p(-t), so that small s keep their digits.
/// In packets log1p(-t) is t log(w) / (1 - w) with w = 1 - t rounded (Kahan; Higham, "Accuracy and
/// stability of numerical algorithms", 2002, section 1.14.1).
template <std::floating_point T>
struct NegativeEntropy {
    T operator()(const T& s) const {
        if (s < 0 || s > 1) return std::numeric_limits<T>::infinity();
        const T t = s < T(0.5) ? s : 1 - s;
        return XLogX<T>{}(t) + (1 - t) * std::log1p(-t);
    }

    template <class Packet>
    Packet packetOp(const Packet& s) const {
        namespace packet = Eigen::internal;
        const Packet one = packet::pset1<Packet>(T(1));
        const Packet half = packet::pset1<Packet>(T(0.5));
        const Packet t = packet::pselect(packet::pcmp_lt(s, half), s, packet::psub(one, s));
        const Packet w = packet::psub(one, t);
        const Packet lost = packet::psub(one, w);  // t, as far as w knows
        const Packet ratio = packet::pdiv(packet::plog(w), lost);
        const Packet none = packet::pcmp_eq(lost, packet::pzero(s));
        const Packet slope = packet::pselect(none, packet::pset1<Packet>(T(-1)), ratio);
        const Packet sum = packet::pmadd(packet::pmul(w, t), slope, XLogX<T>{}.packetOp(t));
        const Packet outside = packet::pcmp_lt(t, packet::pzero(s));
        return packet::pselect(outside, packet::pset1<Packet>(std::numeric_limits<T>::infinity()),
                               sum);
    }
};

/// s log s + (1 - s) log(1 - s) of a number.
template <std::floating_point T>
T negative_entropy(T s) {
    return NegativeEntropy<T>{}(s);
}

/// s log s + (1 - s) log(1 - s), elementwise and vectorized: an Eigen expression, which refers to
/// `s` as Eigen's own expressions do (a named array must outlive it, an expression is kept by
/// value).
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
        PacketAccess = functor_traits<scalar_log_op<T>>::PacketAccess
    };
};
}  // namespace Eigen::internal
