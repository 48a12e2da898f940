// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include <Eigen/Core>

namespace ermine {

/// What vectorized exponentials share: exp(t) is 2^n exp(r), with n = round(t / log 2) and
/// r = t - n log 2, log 2 in two parts (Cody & Waite 1980), where a Taylor polynomial is exact to
/// half a unit in the last place for |r| <= log(2) / 2.
template <std::floating_point T>
struct ExpSeries {
    /// t as n log 2 + r, for t of a size at which n times the high part of log 2 is exact.
    template <class Packet>
    struct Parts {
        Packet n;
        Packet r;

        explicit Parts(const Packet& t) {
            namespace packet = Eigen::internal;
            const auto constant = [](T value) { return packet::pset1<Packet>(value); };
            n = packet::pfloor(
                packet::pmadd(t, constant(static_cast<T>(1.4426950408889634)), constant(T(0.5))));
            r = packet::pmadd(n, constant(-log2_high), t);
            r = packet::pmadd(n, constant(-log2_low), r);
        }
    };

    /// Σₖ rᵏ / (k + First)!: exp(r) from the term First on, over r^First.
    template <std::size_t First, class Packet>
    static Packet sum_from(const Packet& r) {
        namespace packet = Eigen::internal;
        constexpr std::array<T, terms> factors = inverse_factorials<First>();
        Packet sum = packet::pset1<Packet>(factors[terms - 1]);
        for (std::size_t k = terms - 1; k-- > 0;)
            sum = packet::pmadd(sum, r, packet::pset1<Packet>(factors[k]));
        return sum;
    }

    /// 2^n times a number from ½ to 2, for whole n <= 0 down to where nothing is left. In two
    /// steps, the second of which rounds; an exponent is written by adding a number whose last
    /// place is 1. Eigen's pldexp guards against more, at twice the time.
    template <class Packet>
    static Packet shrunk(const Packet& number, const Packet& n) {
        namespace packet = Eigen::internal;
        if constexpr (sizeof(Packet) == sizeof(T)) {
            return packet::pldexp(number, n);
        } else {
            using Word = std::conditional_t<wide, std::int64_t, std::int32_t>;
            typedef Word Words __attribute__((vector_size(sizeof(Packet))));
            constexpr T places =
                static_cast<T>(wide ? 6755399441055744.0 + 1023 : 12582912.0 + 127);
            const auto power = [&](const Packet& exponent) {
                const Packet written = packet::padd(exponent, packet::pset1<Packet>(places));
                Words bits;
                std::memcpy(&bits, &written, sizeof bits);
                bits <<= wide ? 52 : 23;
                Packet result;
                std::memcpy(&result, &bits, sizeof result);
                return result;
            };
            const Packet half = packet::pfloor(packet::pmul(n, packet::pset1<Packet>(T(0.5))));
            return packet::pmul(packet::pmul(number, power(half)), power(packet::psub(n, half)));
        }
    }

private:
    static constexpr bool wide = sizeof(T) > sizeof(float);
    // The high part has so few bits that n times it is exact.
    static constexpr T log2_high = static_cast<T>(wide ? 0.693145751953125 : 0.693359375);
    static constexpr T log2_low = static_cast<T>(wide ? 1.42860682030941723212e-6 : -2.12194440e-4);
    static constexpr std::size_t terms = wide ? 14 : 8;

    template <std::size_t First>
    static constexpr std::array<T, terms> inverse_factorials() {
        std::array<T, terms> c{};
        double factorial = 1;
        for (std::size_t k = 0; k < terms; ++k) {
            if (k + First > 0) factorial *= static_cast<double>(k + First);
            c[k] = static_cast<T>(1 / factorial);
        }
        return c;
    }
};

}  // namespace ermine
