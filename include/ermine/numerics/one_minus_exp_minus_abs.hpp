// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>

#include <Eigen/Core>

#include <ermine/numerics/exp_series.hpp>

namespace ermine {

/// 1 - exp(-|z|) as an Eigen functor: in [0, 1], to a few units in the last place also near z = 0,
/// where the subtraction would cancel. Exact limits, NaN stays NaN.
///
/// With n and r as in ExpSeries exp(t) - 1 is 2^n (exp(r) - 1) + (2^n - 1), where exp(r) - 1 is a
/// Taylor polynomial without its first term: no two numbers of nearly the same size are subtracted.
template <std::floating_point T>
struct OneMinusExpMinusAbs {
    T operator()(const T& z) const { return -std::expm1(-std::abs(z)); }

    template <class Packet>
    Packet packetOp(const Packet& z) const {
        namespace packet = Eigen::internal;
        const auto constant = [](T value) { return packet::pset1<Packet>(value); };
        const Packet one = constant(T(1));
        const Packet t = packet::pmax(packet::pnegate(packet::pabs(z)), constant(lowest));
        const typename ExpSeries<T>::template Parts<Packet> parts(t);
        const Packet rest = packet::pmul(parts.r, ExpSeries<T>::template sum_from<1>(parts.r));
        const Packet power = packet::pldexp(one, parts.n);
        const Packet result = packet::psub(packet::psub(one, power), packet::pmul(power, rest));
        return packet::pselect(packet::pcmp_eq(z, z), result, z);
    }

private:
    static constexpr bool wide = sizeof(T) > sizeof(float);
    // Below these 1 - exp rounds to one.
    static constexpr T lowest = static_cast<T>(wide ? -40.0 : -20.0);
};

/// 1 - exp(-|z|) of a number.
template <std::floating_point T>
T one_minus_exp_minus_abs(T z) {
    return OneMinusExpMinusAbs<T>{}(z);
}

/// 1 - exp(-|z|), elementwise and vectorized: an Eigen expression, which refers to `z` as Eigen's
/// own expressions do (a named array must outlive it, an expression is kept by value).
template <class Derived>
auto one_minus_exp_minus_abs(const Eigen::ArrayBase<Derived>& z) {
    return z.derived().unaryExpr(OneMinusExpMinusAbs<typename Derived::Scalar>{});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::OneMinusExpMinusAbs<T>> {
    enum {
        Cost = functor_traits<scalar_exp_op<T>>::Cost,
        PacketAccess = functor_traits<scalar_exp_op<T>>::PacketAccess
    };
};
}  // namespace Eigen::internal
