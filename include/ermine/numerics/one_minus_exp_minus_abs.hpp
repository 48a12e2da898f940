// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>

#include <Eigen/Core>

namespace ermine {

/// 1 - exp(-|z|) as an Eigen functor: in [0, 1], to a few units in the last place also near z = 0,
/// where the subtraction would cancel. Exact limits, NaN stays NaN.
///
/// With n = round(t / log 2) and r = t - n log 2 as in ExpMinusAbs, exp(t) - 1 is
/// 2^n (exp(r) - 1) + (2^n - 1), where exp(r) - 1 is a Taylor polynomial without its first term: no
/// two numbers of nearly the same size are subtracted.
template <std::floating_point T>
struct OneMinusExpMinusAbs {
    T operator()(const T& z) const { return -std::expm1(-std::abs(z)); }

    template <class Packet>
    Packet packetOp(const Packet& z) const {
        namespace packet = Eigen::internal;
        const auto constant = [](T value) { return packet::pset1<Packet>(value); };
        const Packet one = constant(T(1));
        const Packet t = packet::pmax(packet::pnegate(packet::pabs(z)), constant(lowest));
        const Packet n = packet::pfloor(
            packet::pmadd(t, constant(static_cast<T>(1.4426950408889634)), constant(T(0.5))));
        Packet r = packet::pmadd(n, constant(-log2_high), t);
        r = packet::pmadd(n, constant(-log2_low), r);
        Packet sum = constant(taylor[terms - 1]);
        for (std::size_t k = terms - 1; k-- > 0;) {
            sum = packet::pmadd(sum, r, constant(taylor[k]));
        }
        const Packet power = packet::pldexp(one, n);
        const Packet result =
            packet::psub(packet::psub(one, power), packet::pmul(power, packet::pmul(r, sum)));
        return packet::pselect(packet::pcmp_eq(z, z), result, z);
    }

private:
    static constexpr bool wide = sizeof(T) > sizeof(float);
    // Below these 1 - exp rounds to one.
    static constexpr T lowest = static_cast<T>(wide ? -40.0 : -20.0);
    static constexpr T log2_high = static_cast<T>(wide ? 0.693145751953125 : 0.693359375);
    static constexpr T log2_low = static_cast<T>(wide ? 1.42860682030941723212e-6 : -2.12194440e-4);
    // (exp(r) - 1) / r = 1 + r / 2! + r² / 3! + …
    static constexpr std::size_t terms = wide ? 14 : 8;
    static constexpr std::array<T, terms> taylor = [] {
        std::array<T, terms> c{};
        double factorial = 1;
        for (std::size_t k = 0; k < terms; ++k) {
            factorial *= static_cast<double>(k + 1);
            c[k] = static_cast<T>(1 / factorial);
        }
        return c;
    }();
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
