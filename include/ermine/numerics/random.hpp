// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <tuple>

namespace ermine {

/// Random numbers that are the same on every platform, with every compiler and flag.
///
/// The generator is xoshiro256++ 1.0 (Blackman & Vigna, "Scrambled linear pseudorandom number
/// generators", ACM TOMS 47, 2021), its state filled by splitmix64 (Steele, Lea & Flood, "Fast
/// splittable pseudorandom number generators", OOPSLA 2014). Period 2^256 - 1.
///
/// Everything is computed with integers, exact products, and operations that IEEE 754 rounds
/// correctly (+, /, sqrt, fma). No a * b + c is written that a compiler could contract, and no
/// result is a rounded product that it could contract with what the caller adds. Flags that give
/// up IEEE arithmetic (-ffast-math) give up this promise.
class Random {
public:
    explicit Random(std::uint64_t seed) {
        for (std::uint64_t& word : state_) {
            seed += 0x9e3779b97f4a7c15U;
            std::uint64_t z = seed;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
            word = z ^ (z >> 31);
        }
    }

    /// 64 random bits.
    std::uint64_t bits() {
        const std::uint64_t result = rotate(state_[0] + state_[3], 23) + state_[0];
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = rotate(state_[3], 45);
        return result;
    }

    /// Uniform on the multiples of 2^-53 in [0, 1).
    double uniform() { return static_cast<double>(bits() >> 11) * 0x1p-53; }

    /// Standard normal, mean 0 and variance 1, |z| < 8.3: one draw of bits() through the inverse of
    /// the distribution function (Wichura, "Algorithm AS 241", Applied Statistics 37, 1988: PPND16,
    /// relative error about 1e-16).
    double normal() { return normal_of(bits()); }

    /// The normal number that 64 random bits stand for, whatever generator they come from.
    static double normal_of(std::uint64_t bits) {
        // An odd multiple of 2^-54 in (-1/2, 1/2): symmetric, exact, and never at an end.
        const auto odd = static_cast<std::int64_t>((bits >> 11) * 2 + 1) - (std::int64_t{1} << 53);
        const double q = static_cast<double>(odd) * 0x1p-54;
        const double distance = std::abs(q);
        if (distance <= 0.425) {
            const double r = std::fma(-q, q, 0.180625);
            return q * horner(r, central_numerator) / horner(r, central_denominator);
        }
        double r = std::sqrt(-logarithm(0.5 - distance));
        double z = 0;
        if (r <= 5) {
            r -= 1.6;
            z = horner(r, middle_numerator) / horner(r, middle_denominator);
        } else {
            r -= 5;
            z = horner(r, far_numerator) / horner(r, far_denominator);
        }
        return q < 0 ? -z : z;
    }

    /// Uniform on 0, …, n - 1, without bias. Up to n = 2^32 by Lemire, "Fast random integer
    /// generation in an interval", ACM TOMACS 29, 2019; beyond, by rejection under a bit mask.
    /// Throws std::invalid_argument for n = 0.
    std::uint64_t below(std::uint64_t n) {
        if (n == 0) {
            throw std::invalid_argument(
                "Random::below(0): there is no number below 0; give n >= 1");
        }
        if (n > std::uint64_t{1} << 32) {
            std::uint64_t mask = n - 1;
            for (int shift = 1; shift < 64; shift *= 2) {
                mask |= mask >> shift;
            }
            std::uint64_t candidate = bits() & mask;
            while (candidate >= n) {
                candidate = bits() & mask;
            }
            return candidate;
        }
        constexpr std::uint64_t low = 0xffffffffU;
        std::uint64_t product = (bits() >> 32) * n;
        if ((product & low) < n) {
            const std::uint64_t threshold = (std::uint64_t{1} << 32) % n;
            while ((product & low) < threshold) {
                product = (bits() >> 32) * n;
            }
        }
        return product >> 32;
    }

    /// The four words of the state, to save and to restore.
    auto fields() { return std::tie(state_[0], state_[1], state_[2], state_[3]); }
    auto fields() const { return std::tie(state_[0], state_[1], state_[2], state_[3]); }

    bool operator==(const Random&) const = default;

private:
    std::array<std::uint64_t, 4> state_{};

    using Coefficients = std::array<double, 8>;  // from the constant term up

    static constexpr Coefficients central_numerator{
        3.3871328727963666080e0,  1.3314166789178437745e+2, 1.9715909503065514427e+3,
        1.3731693765509461125e+4, 4.5921953931549871457e+4, 6.7265770927008700853e+4,
        3.3430575583588128105e+4, 2.5090809287301226727e+3};
    static constexpr Coefficients central_denominator{1.0,
                                                      4.2313330701600911252e+1,
                                                      6.8718700749205790830e+2,
                                                      5.3941960214247511077e+3,
                                                      2.1213794301586595867e+4,
                                                      3.9307895800092710610e+4,
                                                      2.8729085735721942674e+4,
                                                      5.2264952788528545610e+3};
    static constexpr Coefficients middle_numerator{
        1.42343711074968357734e0,  4.63033784615654529590e0, 5.76949722146069140550e0,
        3.64784832476320460504e0,  1.27045825245236838258e0, 2.41780725177450611770e-1,
        2.27238449892691845833e-2, 7.74545014278341407640e-4};
    static constexpr Coefficients middle_denominator{1.0,
                                                     2.05319162663775882187e0,
                                                     1.67638483018380384940e0,
                                                     6.89767334985100004550e-1,
                                                     1.48103976427480074590e-1,
                                                     1.51986665636164571966e-2,
                                                     5.47593808499534494600e-4,
                                                     1.05075007164441684324e-9};
    static constexpr Coefficients far_numerator{
        6.65790464350110377720e0,  5.46378491116411436990e0,  1.78482653991729133580e0,
        2.96560571828504891230e-1, 2.65321895265761230930e-2, 1.24266094738807843860e-3,
        2.71155556874348757815e-5, 2.01033439929228813265e-7};
    static constexpr Coefficients far_denominator{1.0,
                                                  5.99832206555887937690e-1,
                                                  1.36929880922735805310e-1,
                                                  1.48753612908506148525e-2,
                                                  7.86869131145613259100e-4,
                                                  1.84631831751005468180e-5,
                                                  1.42151175831644588870e-7,
                                                  2.04426310338993978564e-15};

    static std::uint64_t rotate(std::uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

    static double horner(double x, const Coefficients& c) {
        double sum = c[7];
        for (std::size_t i = 7; i-- > 0;) {
            sum = std::fma(sum, x, c[i]);
        }
        return sum;
    }

    // log(x) for a normal number x > 0, as 2 artanh((m - 1) / (m + 1)) + k log 2 with x = 2^k m:
    // the last bits of std::log differ between C libraries.
    static double logarithm(double x) {
        int exponent = 0;
        double m = std::frexp(x, &exponent);
        if (m < 0.70710678118654752) {
            m *= 2;
            --exponent;
        }
        const double t = (m - 1) / (m + 1);
        const double square = t * t;
        double series = 1.0 / 25;
        for (int k = 23; k >= 1; k -= 2) {
            series = std::fma(series, square, 1.0 / k);
        }
        return std::fma(static_cast<double>(exponent), 0.69314718055994531, 2 * t * series);
    }
};

}  // namespace ermine
