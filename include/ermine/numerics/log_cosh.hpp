// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numbers>

#include <Eigen/Core>

#include <ermine/numerics/one_minus_exp_minus_abs.hpp>

namespace ermine {

/// log(cosh(z)) as an Eigen functor: never overflows, and keeps its relative accuracy near 0, where
/// it is z²/2. Infinite at ±inf, NaN stays NaN.
///
/// For |z| <= 1 it is 2 artanh(tanh²(z/2)), since (cosh z - 1) / (cosh z + 1) = tanh²(z/2); beyond,
/// |z| - log 2 + log(1 + u) with u = exp(-2|z|), and log(1 + u) = 2 artanh(u / (2 + u)). In packets
/// artanh is its Taylor series, at most at tanh²(1/2) = 0.214.
template <std::floating_point T>
struct LogCosh {
    T operator()(const T& z) const {
        const T size = std::abs(z);
        if (size < 20) {
            const T s = std::sinh(size / 2);
            return std::log1p(2 * s * s);  // cosh z = 1 + 2 sinh²(z/2)
        }
        return size - std::numbers::ln2_v<T>;
    }

    template <class Packet>
    Packet packetOp(const Packet& z) const {
        namespace packet = Eigen::internal;
        const auto constant = [](T value) { return packet::pset1<Packet>(value); };
        const Packet one = constant(T(1));
        const Packet two = constant(T(2));
        const Packet size = packet::pabs(z);
        const Packet m = OneMinusExpMinusAbs<T>{}.packetOp(z);
        const Packet half_tangent = packet::pdiv(m, packet::psub(two, m));
        const Packet e = packet::psub(one, m);
        const Packet u = packet::pmul(e, e);
        const Packet far = packet::pcmp_lt(one, size);
        const Packet s = packet::pselect(far, packet::pdiv(u, packet::padd(two, u)),
                                         packet::pmul(half_tangent, half_tangent));
        const Packet square = packet::pmul(s, s);
        Packet sum = constant(series[terms - 1]);
        for (std::size_t k = terms - 1; k-- > 0;) {
            sum = packet::pmadd(sum, square, constant(series[k]));
        }
        const Packet twice = packet::padd(s, s);
        const Packet near_line = packet::pmadd(packet::pmul(twice, square), sum, twice);
        const Packet line = packet::psub(size, constant(std::numbers::ln2_v<T>));
        return packet::padd(packet::pselect(far, line, packet::pzero(z)), near_line);
    }

private:
    // artanh(s) / s = 1 + s² (1/3 + s²/5 + s⁴/7 + …)
    static constexpr std::size_t terms = sizeof(T) > sizeof(float) ? 12 : 5;
    static constexpr std::array<T, terms> series = [] {
        std::array<T, terms> c{};
        for (std::size_t k = 0; k < terms; ++k) {
            c[k] = T(1) / static_cast<T>(2 * k + 3);
        }
        return c;
    }();
};

/// log(cosh(z)) of a number.
template <std::floating_point T>
T log_cosh(T z) {
    return LogCosh<T>{}(z);
}

/// log(cosh(z)), elementwise and vectorized: an Eigen expression, which refers to `z` as Eigen's
/// own expressions do (a named array must outlive it, an expression is kept by value).
template <class Derived>
auto log_cosh(const Eigen::ArrayBase<Derived>& z) {
    return z.derived().unaryExpr(LogCosh<typename Derived::Scalar>{});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::LogCosh<T>> {
    enum {
        Cost = 3 * functor_traits<scalar_exp_op<T>>::Cost,
        PacketAccess = functor_traits<scalar_exp_op<T>>::PacketAccess
    };
};
}  // namespace Eigen::internal
