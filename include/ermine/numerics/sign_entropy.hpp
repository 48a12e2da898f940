// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>

#include <Eigen/Core>

namespace ermine {

/// ((1 + u) log(1 + u) + (1 - u) log(1 - u)) / 2 for u in [-1, 1] as an Eigen functor: log 2 less
/// the entropy, in nats, of a sign whose mean is u. The conjugate of log cosh. It is 0 at 0 and
/// log 2 at both ends, NaN outside and for NaN, and its error is of the size of u ε.
/// In packets log(1 + x) is log(w) x / (w - 1) with w = 1 + x rounded, see NegativeEntropy.
template <std::floating_point T>
struct SignEntropy {
    T operator()(const T& u) const {
        const T a = std::abs(u);
        const T below = a == 1 ? T(0) : (1 - a) * std::log1p(-a);
        return ((1 + a) * std::log1p(a) + below) / 2;
    }

    template <class Packet>
    Packet packetOp(const Packet& u) const {
        namespace packet = Eigen::internal;
        const Packet one = packet::pset1<Packet>(T(1));
        const Packet a = packet::pabs(u);
        const auto term = [&](const Packet& x) {
            const Packet w = packet::padd(one, x);
            const Packet known = packet::psub(w, one);
            const Packet ratio = packet::pdiv(packet::plog(w), known);
            const Packet zero = packet::pzero(u);
            const Packet slope = packet::pselect(packet::pcmp_eq(known, zero), one, ratio);
            return packet::pselect(packet::pcmp_eq(w, zero), zero,
                                   packet::pmul(w, packet::pmul(x, slope)));
        };
        return packet::pmul(packet::pset1<Packet>(T(0.5)),
                            packet::padd(term(a), term(packet::pnegate(a))));
    }
};

/// log 2 less the entropy of a sign of mean u of a number.
template <std::floating_point T>
T sign_entropy(T u) {
    return SignEntropy<T>{}(u);
}

/// log 2 less the entropy of a sign of mean u, elementwise and vectorized: an Eigen expression,
/// which refers to `u` as Eigen's own expressions do (a named array must outlive it, an expression
/// is kept by value).
template <class Derived>
auto sign_entropy(const Eigen::ArrayBase<Derived>& u) {
    return u.derived().unaryExpr(SignEntropy<typename Derived::Scalar>{});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::SignEntropy<T>> {
    enum {
        Cost = 3 * functor_traits<scalar_log_op<T>>::Cost,
        PacketAccess = functor_traits<scalar_log_op<T>>::PacketAccess
    };
};
}  // namespace Eigen::internal
