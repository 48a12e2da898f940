// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>

#include <Eigen/Core>

#include <ermine/numerics/exp_minus_abs.hpp>

namespace ermine {

/// The logistic function 1 / (1 + exp(-z)) as an Eigen functor, computed as e / (1 + e) for
/// negative z with e = exp(-|z|), so that its left tail keeps its relative accuracy: within 4 units
/// in the last place, 0 at -inf, 1 at +inf, NaN stays NaN. It is the derivative of softplus.
template <std::floating_point T>
struct Sigmoid {
    T operator()(const T& z) const {
        const T e = ExpMinusAbs<T>{}(z);
        return (z < 0 ? e : T(1)) / (1 + e);
    }

    template <class Packet>
    Packet packetOp(const Packet& z) const {
        namespace packet = Eigen::internal;
        const Packet one = packet::pset1<Packet>(T(1));
        const Packet e = ExpMinusAbs<T>{}.packetOp(z);
        const Packet negative = packet::pcmp_lt(z, packet::pzero(z));
        return packet::pdiv(packet::pselect(negative, e, one), packet::padd(one, e));
    }
};

/// 1 / (1 + exp(-z)) of a number.
template <std::floating_point T>
T sigmoid(T z) {
    return Sigmoid<T>{}(z);
}

/// 1 / (1 + exp(-z)), elementwise and vectorized: an Eigen expression, which refers to `z` as
/// Eigen's own expressions do (a named array must outlive it, an expression is kept by value).
template <class Derived>
auto sigmoid(const Eigen::ArrayBase<Derived>& z) {
    return z.derived().unaryExpr(Sigmoid<typename Derived::Scalar>{});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::Sigmoid<T>> {
    enum {
        Cost = 2 * functor_traits<scalar_exp_op<T>>::Cost,
        PacketAccess = functor_traits<scalar_exp_op<T>>::PacketAccess
    };
};
}  // namespace Eigen::internal
