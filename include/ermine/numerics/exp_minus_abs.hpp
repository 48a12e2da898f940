// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>

#include <Eigen/Core>

namespace ermine {

/// exp(-|z|) as an Eigen functor: in [0, 1], never overflowing, the part that the stable forms of
/// softplus and sigmoid share. Exact limits (0 at ±inf, subnormal numbers included), NaN stays NaN;
/// Eigen 3.4's own vectorized exp stops at 5.6e-309 instead of going to 0.
///
/// With n = round(t / log 2) and r = t - n log 2 (Cody & Waite 1980, log 2 in two parts), exp(t) is
/// 2^n times the Taylor polynomial of exp at r, whose remainder is below half a unit in the last
/// place for |r| <= log(2) / 2.
template <std::floating_point T>
struct ExpMinusAbs {
    T operator()(const T& z) const { return std::exp(-std::abs(z)); }

    template <class Packet>
    Packet packetOp(const Packet& z) const {
        namespace packet = Eigen::internal;
        const auto constant = [](T value) { return packet::pset1<Packet>(value); };
        const Packet t = packet::pmax(packet::pnegate(packet::pabs(z)), constant(lowest));
        const Packet n = packet::pfloor(
            packet::pmadd(t, constant(static_cast<T>(1.4426950408889634)), constant(T(0.5))));
        Packet r = packet::pmadd(n, constant(-log2_high), t);
        r = packet::pmadd(n, constant(-log2_low), r);
        Packet sum = constant(taylor[terms - 1]);
        for (std::size_t k = terms - 1; k-- > 0;) {
            sum = packet::pmadd(sum, r, constant(taylor[k]));
        }
        return packet::pselect(packet::pcmp_eq(z, z), packet::pldexp(sum, n), z);
    }

private:
    static constexpr bool wide = sizeof(T) > sizeof(float);
    // Below these exp rounds to zero.
    static constexpr T lowest = static_cast<T>(wide ? -746.0 : -104.0);
    // The high part has so few bits that n times it is exact.
    static constexpr T log2_high = static_cast<T>(wide ? 0.693145751953125 : 0.693359375);
    static constexpr T log2_low = static_cast<T>(wide ? 1.42860682030941723212e-6 : -2.12194440e-4);
    static constexpr std::size_t terms = wide ? 14 : 8;
    static constexpr std::array<T, terms> taylor = [] {
        std::array<T, terms> c{};
        double factorial = 1;
        for (std::size_t k = 0; k < terms; ++k) {
            factorial *= k == 0 ? 1.0 : static_cast<double>(k);
            c[k] = static_cast<T>(1 / factorial);
        }
        return c;
    }();
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
