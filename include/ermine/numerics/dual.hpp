// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <array>
#include <cmath>
#include <compare>
#include <cstddef>
#include <limits>
#include <numbers>
#include <type_traits>

namespace ermine {

/// A number with its derivatives in N directions: value + Σ slope_i ε_i with ε_i ε_j = 0. Functions
/// that are computed with duals yield their derivatives exactly (forward differentiation; Wengert,
/// CACM 7, 1964). `Dual<Dual<T, N>, M>` carries second derivatives.
///
/// It stands where a double stands: mixed with plain numbers, compared by value, as the scalar of
/// Eigen's matrices, with the functions of `<cmath>` found by argument-dependent lookup. At kinks
/// (abs, min, max) it takes the derivative of one side.
template <class T, int N>
struct Dual {
    T value{};
    std::array<T, N> slope{};

    Dual() = default;

    /// A constant.
    template <class Number>
        requires std::is_arithmetic_v<Number>
    Dual(Number constant) : value(static_cast<T>(constant)) {}

    /// g(x), where g(x.value) is `value` and g'(x.value) is `derivative`.
    static Dual chain(const T& value, const T& derivative, const Dual& x) {
        Dual result;
        result.value = value;
        for (std::size_t i = 0; i < N; ++i) result.slope[i] = derivative * x.slope[i];
        return result;
    }

    /// g(x, y), likewise, with both partial derivatives.
    static Dual chain(const T& value, const T& by_x, const Dual& x, const T& by_y, const Dual& y) {
        Dual result;
        result.value = value;
        for (std::size_t i = 0; i < N; ++i) result.slope[i] = by_x * x.slope[i] + by_y * y.slope[i];
        return result;
    }

    friend Dual operator+(const Dual& x) { return x; }
    friend Dual operator-(const Dual& x) { return chain(-x.value, T(-1), x); }
    friend Dual operator+(const Dual& x, const Dual& y) {
        Dual result;
        result.value = x.value + y.value;
        for (std::size_t i = 0; i < N; ++i) result.slope[i] = x.slope[i] + y.slope[i];
        return result;
    }
    friend Dual operator-(const Dual& x, const Dual& y) {
        Dual result;
        result.value = x.value - y.value;
        for (std::size_t i = 0; i < N; ++i) result.slope[i] = x.slope[i] - y.slope[i];
        return result;
    }
    friend Dual operator*(const Dual& x, const Dual& y) {
        return chain(x.value * y.value, y.value, x, x.value, y);
    }
    friend Dual operator/(const Dual& x, const Dual& y) {
        const T quotient = x.value / y.value;
        const T inverse = T(1) / y.value;
        return chain(quotient, inverse, x, -(quotient * inverse), y);
    }
    Dual& operator+=(const Dual& y) { return *this = *this + y; }
    Dual& operator-=(const Dual& y) { return *this = *this - y; }
    Dual& operator*=(const Dual& y) { return *this = *this * y; }
    Dual& operator/=(const Dual& y) { return *this = *this / y; }

    friend bool operator==(const Dual& x, const Dual& y) { return x.value == y.value; }
    friend std::partial_ordering operator<=>(const Dual& x, const Dual& y) {
        return x.value <=> y.value;
    }

    friend bool isfinite(const Dual& x) {
        using std::isfinite;
        return isfinite(x.value);
    }
    friend bool isnan(const Dual& x) { return x.value != x.value; }
    friend bool isinf(const Dual& x) { return !isfinite(x) && !isnan(x); }

    friend Dual abs(const Dual& x) { return x.value < T(0) ? -x : x; }
    friend Dual fabs(const Dual& x) { return abs(x); }
    friend Dual abs2(const Dual& x) { return x * x; }
    friend Dual min(const Dual& x, const Dual& y) { return y.value < x.value ? y : x; }
    friend Dual max(const Dual& x, const Dual& y) { return x.value < y.value ? y : x; }
    friend Dual fmin(const Dual& x, const Dual& y) { return isnan(x) ? y : min(x, y); }
    friend Dual fmax(const Dual& x, const Dual& y) { return isnan(x) ? y : max(x, y); }
    friend Dual floor(const Dual& x) {
        using std::floor;
        return chain(floor(x.value), T(0), x);
    }
    friend Dual ceil(const Dual& x) {
        using std::ceil;
        return chain(ceil(x.value), T(0), x);
    }

    friend Dual sqrt(const Dual& x) {
        using std::sqrt;
        const T root = sqrt(x.value);
        return chain(root, T(0.5) / root, x);
    }
    friend Dual cbrt(const Dual& x) {
        using std::cbrt;
        const T root = cbrt(x.value);
        return chain(root, T(1) / (T(3) * root * root), x);
    }
    friend Dual exp(const Dual& x) {
        using std::exp;
        const T e = exp(x.value);
        return chain(e, e, x);
    }
    friend Dual expm1(const Dual& x) {
        using std::exp;
        using std::expm1;
        return chain(expm1(x.value), exp(x.value), x);
    }
    friend Dual log(const Dual& x) {
        using std::log;
        return chain(log(x.value), T(1) / x.value, x);
    }
    friend Dual log1p(const Dual& x) {
        using std::log1p;
        return chain(log1p(x.value), T(1) / (T(1) + x.value), x);
    }
    friend Dual log2(const Dual& x) {
        using std::log2;
        return chain(log2(x.value), T(std::numbers::log2e) / x.value, x);
    }
    friend Dual log10(const Dual& x) {
        using std::log10;
        return chain(log10(x.value), T(std::numbers::log10e) / x.value, x);
    }
    friend Dual sin(const Dual& x) {
        using std::cos;
        using std::sin;
        return chain(sin(x.value), cos(x.value), x);
    }
    friend Dual cos(const Dual& x) {
        using std::cos;
        using std::sin;
        return chain(cos(x.value), -sin(x.value), x);
    }
    friend Dual tan(const Dual& x) {
        using std::tan;
        const T t = tan(x.value);
        return chain(t, T(1) + t * t, x);
    }
    friend Dual asin(const Dual& x) {
        using std::asin;
        using std::sqrt;
        return chain(asin(x.value), T(1) / sqrt(T(1) - x.value * x.value), x);
    }
    friend Dual acos(const Dual& x) {
        using std::acos;
        using std::sqrt;
        return chain(acos(x.value), T(-1) / sqrt(T(1) - x.value * x.value), x);
    }
    friend Dual atan(const Dual& x) {
        using std::atan;
        return chain(atan(x.value), T(1) / (T(1) + x.value * x.value), x);
    }
    friend Dual atan2(const Dual& y, const Dual& x) {
        using std::atan2;
        const T square = x.value * x.value + y.value * y.value;
        return chain(atan2(y.value, x.value), x.value / square, y, -y.value / square, x);
    }
    friend Dual sinh(const Dual& x) {
        using std::cosh;
        using std::sinh;
        return chain(sinh(x.value), cosh(x.value), x);
    }
    friend Dual cosh(const Dual& x) {
        using std::cosh;
        using std::sinh;
        return chain(cosh(x.value), sinh(x.value), x);
    }
    friend Dual tanh(const Dual& x) {
        using std::tanh;
        const T t = tanh(x.value);
        return chain(t, T(1) - t * t, x);
    }
    friend Dual erf(const Dual& x) {
        using std::erf;
        using std::exp;
        return chain(erf(x.value), T(2 * std::numbers::inv_sqrtpi) * exp(-(x.value * x.value)), x);
    }
    friend Dual hypot(const Dual& x, const Dual& y) {
        using std::hypot;
        const T length = hypot(x.value, y.value);
        return chain(length, x.value / length, x, y.value / length, y);
    }
    template <class Number>
        requires std::is_arithmetic_v<Number>
    friend Dual pow(const Dual& x, Number power) {
        using std::pow;
        // At power 0 the product 0 · x⁻¹ would be NaN for x = 0.
        const T by_x =
            power == Number(0) ? T(0) : T(power) * static_cast<T>(pow(x.value, power - Number(1)));
        return chain(static_cast<T>(pow(x.value, power)), by_x, x);
    }
    friend Dual pow(const Dual& x, const Dual& y) {
        using std::log;
        using std::pow;
        const T result = pow(x.value, y.value);
        const T by_y = x.value == T(0) ? T(0) : result * log(x.value);
        return chain(result, y.value * pow(x.value, y.value - T(1)), x, by_y, y);
    }
};

}  // namespace ermine

namespace Eigen {

template <class T, int N>
struct NumTraits<ermine::Dual<T, N>> : NumTraits<T> {
    using Real = ermine::Dual<T, N>;
    using NonInteger = ermine::Dual<T, N>;
    using Nested = ermine::Dual<T, N>;
    using Literal = ermine::Dual<T, N>;
    enum {
        IsComplex = 0,
        IsInteger = 0,
        IsSigned = 1,
        RequireInitialization = 1,
        ReadCost = (N + 1) * int(NumTraits<T>::ReadCost),
        AddCost = (N + 1) * int(NumTraits<T>::AddCost),
        MulCost = (2 * N + 1) * int(NumTraits<T>::MulCost)
    };
};

template <class T, int N, class Number, class Operation>
    requires std::is_arithmetic_v<Number>
struct ScalarBinaryOpTraits<ermine::Dual<T, N>, Number, Operation> {
    using ReturnType = ermine::Dual<T, N>;
};

template <class T, int N, class Number, class Operation>
    requires std::is_arithmetic_v<Number>
struct ScalarBinaryOpTraits<Number, ermine::Dual<T, N>, Operation> {
    using ReturnType = ermine::Dual<T, N>;
};

}  // namespace Eigen
