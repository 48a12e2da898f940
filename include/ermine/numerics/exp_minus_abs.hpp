// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>

#include <Eigen/Core>

#include <ermine/numerics/exp_series.hpp>

namespace ermine {

/// exp(-|z|) as an Eigen functor: in [0, 1], never overflowing, the part that the stable forms of
/// softplus and sigmoid share. Exact limits (0 at ±inf, subnormal numbers included), NaN stays NaN;
/// Eigen 3.4's own vectorized exp stops at 5.6e-309 instead of going to 0.
template <std::floating_point T>
struct ExpMinusAbs {
    T operator()(const T& z) const { return std::exp(-std::abs(z)); }

    template <class Packet>
    Packet packetOp(const Packet& z) const {
        namespace packet = Eigen::internal;
        const auto constant = [](T value) { return packet::pset1<Packet>(value); };
        const Packet t = packet::pmax(packet::pnegate(packet::pabs(z)), constant(lowest));
        const typename ExpSeries<T>::template Parts<Packet> parts(t);
        const Packet sum = ExpSeries<T>::template sum_from<0>(parts.r);
        return packet::pselect(packet::pcmp_eq(z, z), ExpSeries<T>::shrunk(sum, parts.n), z);
    }

private:
    static constexpr bool wide = sizeof(T) > sizeof(float);
    // Below these exp rounds to zero.
    static constexpr T lowest = static_cast<T>(wide ? -746.0 : -104.0);
};

/// exp(-|z|) of a number.
template <std::floating_point T>
T exp_minus_abs(T z) {
    return ExpMinusAbs<T>{}(z);
}

/// exp(-|z|), elementwise and vectorized: an Eigen expression, which refers to `z` as Eigen's own
/// expressions do (a named array must outlive it, an expression is kept by value).
template <class Derived>
auto exp_minus_abs(const Eigen::ArrayBase<Derived>& z) {
    return z.derived().unaryExpr(ExpMinusAbs<typename Derived::Scalar>{});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::ExpMinusAbs<T>> {
    enum {
        Cost = functor_traits<scalar_exp_op<T>>::Cost,
        PacketAccess = functor_traits<scalar_exp_op<T>>::PacketAccess
    };
};
}  // namespace Eigen::internal
