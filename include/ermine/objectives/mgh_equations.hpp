// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <numbers>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// The residuals of problems 1 to 7, 13 and 14 of Moré, Garbow & Hillstrom (1981): small systems of
/// equations. `residuals(number, x, m, out)` calls `out(r)` for each of the residuals in the order
/// of the paper; `x[i]` and r are numbers of type X::Number, double or dual.
struct MghEquations {
    template <class X, class Out>
    static void residuals(int number, const X& x, Index m, Out& out) {
        switch (number) {
            case 1:
                return rosenbrock(x[0], x[1], out);
            case 2:
                return freudenstein_roth(x[0], x[1], out);
            case 3:
                return powell_badly_scaled(x[0], x[1], out);
            case 4:
                return brown_badly_scaled(x[0], x[1], out);
            case 5:
                return beale(x[0], x[1], out);
            case 6:
                return jennrich_sampson(x[0], x[1], m, out);
            case 7:
                return helical_valley(x[0], x[1], x[2], out);
            case 13:
                return powell_singular(x[0], x[1], x[2], x[3], out);
            default:
                return wood(x[0], x[1], x[2], x[3], out);
        }
    }

    template <class T, class Out>
    static void rosenbrock(const T& x, const T& y, Out& out) {
        out(10 * (y - x * x));
        out(1 - x);
    }

    template <class T, class Out>
    static void powell_singular(const T& a, const T& b, const T& c, const T& d, Out& out) {
        out(a + 10 * b);
        out(std::sqrt(5.0) * (c - d));
        const T close = b - 2 * c;
        out(close * close);
        const T far = a - d;
        out(std::sqrt(10.0) * (far * far));
    }

private:
    template <class T, class Out>
    static void freudenstein_roth(const T& x, const T& y, Out& out) {
        out(-13 + x + ((5 - y) * y - 2) * y);
        out(-29 + x + ((y + 1) * y - 14) * y);
    }

    template <class T, class Out>
    static void powell_badly_scaled(const T& x, const T& y, Out& out) {
        using std::exp;
        out(1e4 * (x * y) - 1);
        out(exp(-x) + exp(-y) - 1.0001);
    }

    template <class T, class Out>
    static void brown_badly_scaled(const T& x, const T& y, Out& out) {
        out(x - 1e6);
        out(y - 2e-6);
        out(x * y - 2);
    }

    template <class T, class Out>
    static void beale(const T& x, const T& y, Out& out) {
        T power = y;
        for (const double target : {1.5, 2.25, 2.625}) {
            out(target - x * (1 - power));
            power *= y;
        }
    }

    template <class T, class Out>
    static void jennrich_sampson(const T& x, const T& y, Index m, Out& out) {
        using std::exp;
        for (Index i = 1; i <= m; ++i) {
            const auto k = static_cast<double>(i);
            out(2 + 2 * k - (exp(k * x) + exp(k * y)));
        }
    }

    // The angle of the paper runs from -1/4 to 3/4 turns, with its jump at x = 0, y < 0.
    template <class T, class Out>
    static void helical_valley(const T& x, const T& y, const T& z, Out& out) {
        using std::atan2;
        using std::sqrt;
        T turns = atan2(y, x) / (2 * std::numbers::pi);
        if (x < T(0) && turns < T(0)) turns += 1;
        out(10 * (z - 10 * turns));
        out(10 * (sqrt(x * x + y * y) - 1));
        out(z);
    }

    template <class T, class Out>
    static void wood(const T& a, const T& b, const T& c, const T& d, Out& out) {
        out(10 * (b - a * a));
        out(1 - a);
        out(std::sqrt(90.0) * (d - c * c));
        out(1 - c);
        out(std::sqrt(10.0) * (b + d - 2));
        out((b - d) / std::sqrt(10.0));
    }
};

}  // namespace ermine
