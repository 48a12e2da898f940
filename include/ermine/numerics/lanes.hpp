// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <type_traits>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/hyperbolic_tangent.hpp>
#include <ermine/numerics/sigmoid.hpp>

namespace ermine {

/// As many numbers as a register holds, with the arithmetic of one: formulas that are written for
/// numbers are computed for all of them at once. `Dual<Lanes<T>, 1>` carries a derivative along.
template <class T>
struct Lanes {
    using Register = typename Eigen::internal::packet_traits<T>::type;
    static constexpr Index width = Eigen::internal::unpacket_traits<Register>::size;

    Register numbers;

    Lanes() : Lanes(0) {}
    /// The same number in all lanes.
    template <class Number>
        requires std::is_arithmetic_v<Number>
    Lanes(Number number) : numbers(Eigen::internal::pset1<Register>(static_cast<T>(number))) {}
    static Lanes of(const Register& numbers) {
        Lanes lanes;
        lanes.numbers = numbers;
        return lanes;
    }

    /// The first `count` of `width` numbers from memory, zeros behind them.
    static Lanes load(const T* from, Index count) {
        if (count >= width) return of(Eigen::internal::ploadu<Register>(from));
        T some[width] = {};
        std::copy_n(from, count, some);
        return of(Eigen::internal::ploadu<Register>(some));
    }
    void store(T* to, Index count) const {
        if (count >= width) return Eigen::internal::pstoreu(to, numbers);
        T all[width];
        Eigen::internal::pstoreu(all, numbers);
        std::copy_n(all, count, to);
    }

    friend Lanes operator+(const Lanes& a, const Lanes& b) {
        return of(Eigen::internal::padd(a.numbers, b.numbers));
    }
    friend Lanes operator-(const Lanes& a, const Lanes& b) {
        return of(Eigen::internal::psub(a.numbers, b.numbers));
    }
    friend Lanes operator*(const Lanes& a, const Lanes& b) {
        return of(Eigen::internal::pmul(a.numbers, b.numbers));
    }
    friend Lanes sigmoid(const Lanes& a) { return of(Sigmoid<T>{}.packetOp(a.numbers)); }
    friend Lanes tanh(const Lanes& a) { return of(HyperbolicTangent<T>{}.packetOp(a.numbers)); }
    /// 1 above 0, and 0 elsewhere.
    friend Lanes heaviside(const Lanes& a) {
        namespace packet = Eigen::internal;
        const Register zero = packet::pset1<Register>(T(0));
        return of(
            packet::pselect(packet::pcmp_lt(zero, a.numbers), packet::pset1<Register>(T(1)), zero));
    }
    /// max(a, 0), of NaN NaN.
    friend Lanes positive_part(const Lanes& a) {
        namespace packet = Eigen::internal;
        const Register zero = packet::pset1<Register>(T(0));
        return of(packet::pselect(packet::pcmp_lt(a.numbers, zero), zero, a.numbers));
    }
};

}  // namespace ermine
