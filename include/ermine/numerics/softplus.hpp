// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <concepts>
#include <cstddef>

#include <Eigen/Core>

#include <ermine/numerics/exp_minus_abs.hpp>

namespace ermine {

/// log(1 + exp(z)) as an Eigen functor, computed as max(z, 0) + log1p(exp(-|z|)): never overflows,
/// within 4 units in the last place, 0 at -inf, inf at +inf, NaN stays NaN.
///
/// In packets log1p(u) = 2 artanh(s), s = u / (2 + u) in [0, 1/3], by its Taylor series.
template <std::floating_point T>
struct Softplus {
    T operator()(const T& z) const {
        const T correction = std::log1p(ExpMinusAbs<T>{}(z));
        return z > 0 ? z + correction : correction;
    }

    template <class Packet>
    Packet packetOp(const Packet& z) const {
        return of_exponential(z, ExpMinusAbs<T>{}.packetOp(z));
    }

    /// The same where u = exp(-|z|) is at hand.
    template <class Packet>
    static Packet of_exponential(const Packet& z, const Packet& u) {
        namespace packet = Eigen::internal;
        const auto constant = [](T value) { return packet::pset1<Packet>(value); };
        const Packet twice = packet::pdiv(packet::padd(u, u), packet::padd(u, constant(T(2))));
        const Packet square = packet::pmul(packet::pmul(twice, twice), constant(T(0.25)));
        Packet sum = constant(series[terms - 1]);
        for (std::size_t k = terms - 1; k-- > 0;) {
            sum = packet::pmadd(sum, square, constant(series[k]));
        }
        const Packet correction = packet::pmadd(packet::pmul(twice, square), sum, twice);
        const Packet zero = packet::pzero(z);
        return packet::padd(packet::pselect(packet::pcmp_lt(zero, z), z, zero), correction);
    }

private:
    // artanh(s) / s = 1 + s² (1/3 + s²/5 + s⁴/7 + …)
    static constexpr std::size_t terms = sizeof(T) > sizeof(float) ? 16 : 7;
    static constexpr std::array<T, terms> series = [] {
        std::array<T, terms> c{};
        for (std::size_t k = 0; k < terms; ++k) {
            c[k] = T(1) / static_cast<T>(2 * k + 3);
        }
        return c;
    }();
};

/// log(1 + exp(z)) of a number.
template <std::floating_point T>
T softplus(T z) {
    return Softplus<T>{}(z);
}

/// log(1 + exp(z)), elementwise and vectorized: an Eigen expression, which refers to `z` as Eigen's
/// own expressions do (a named array must outlive it, an expression is kept by value).
template <class Derived>
auto softplus(const Eigen::ArrayBase<Derived>& z) {
    return z.derived().unaryExpr(Softplus<typename Derived::Scalar>{});
}

}  // namespace ermine

namespace Eigen::internal {
template <class T>
struct functor_traits<ermine::Softplus<T>> {
    enum {
        Cost = 2 * functor_traits<scalar_exp_op<T>>::Cost,
        PacketAccess = functor_traits<scalar_exp_op<T>>::PacketAccess
    };
};
}  // namespace Eigen::internal
