// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// The residuals of problems 8 to 12 and 15 to 19 of Moré, Garbow & Hillstrom (1981): curves with
/// 3 to 11 parameters fitted to data, with the data of the paper. See MghEquations for how they are
/// called.
struct MghDataFits {
    template <class X, class Out>
    static void residuals(int number, const X& x, Index m, Out& out) {
        switch (number) {
            case 8:
                return bard(x, out);
            case 9:
                return gaussian(x, out);
            case 10:
                return meyer(x, out);
            case 11:
                return gulf(x, m, out);
            case 12:
                return box(x, m, out);
            case 15:
                return kowalik_osborne(x, out);
            case 16:
                return brown_dennis(x, m, out);
            case 17:
                return osborne_1(x, out);
            case 18:
                return biggs_exp6(x, m, out);
            default:
                return osborne_2(x, out);
        }
    }

private:
    template <class X, class Out>
    static void bard(const X& x, Out& out) {
        constexpr std::array y{0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39,
                               0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39};
        const auto a = x[0], b = x[1], c = x[2];
        double u = 0;
        for (const double target : y) {
            ++u;
            const double v = 16 - u;
            out(target - (a + u / (v * b + std::min(u, v) * c)));
        }
    }

    template <class X, class Out>
    static void gaussian(const X& x, Out& out) {
        using std::exp;
        constexpr std::array y{0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989};
        const auto height = x[0], width = x[1], center = x[2];
        for (int i = 1; i <= 15; ++i) {
            const double t = (8 - i) / 2.0;
            const auto off = t - center;
            const double target = y[static_cast<std::size_t>(std::min(i, 16 - i) - 1)];
            out(height * exp(-(width * (off * off)) / 2) - target);
        }
    }

    template <class X, class Out>
    static void meyer(const X& x, Out& out) {
        using std::exp;
        constexpr std::array y{34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0,
                               11540.0, 9744.0,  8261.0,  7030.0,  6005.0,  5147.0,
                               4427.0,  3820.0,  3307.0,  2872.0};
        const auto a = x[0], b = x[1], c = x[2];
        double t = 45;
        for (const double target : y) {
            t += 5;
            out(a * exp(b / (t + c)) - target);
        }
    }

    // Printed in the paper with |yᵢ m i x₂|; the solution that it gives, and the authors' program,
    // have yᵢ − x₂.
    template <class X, class Out>
    static void gulf(const X& x, Index m, Out& out) {
        using std::abs;
        using std::exp;
        using std::pow;
        const auto a = x[0], b = x[1], c = x[2];
        for (Index i = 1; i <= m; ++i) {
            const double t = static_cast<double>(i) / 100;
            const double root = std::cbrt(-50 * std::log(t));
            out(exp(-pow(abs(25 + root * root - b), c) / a) - t);
        }
    }

    template <class X, class Out>
    static void box(const X& x, Index m, Out& out) {
        using std::exp;
        const auto a = x[0], b = x[1], c = x[2];
        for (Index i = 1; i <= m; ++i) {
            const double t = 0.1 * static_cast<double>(i);
            out(exp(-t * a) - exp(-t * b) - c * (std::exp(-t) - std::exp(-10 * t)));
        }
    }

    template <class X, class Out>
    static void kowalik_osborne(const X& x, Out& out) {
        constexpr std::array y{0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627,
                               0.0456, 0.0342, 0.0323, 0.0235, 0.0246};
        constexpr std::array u{4.0000, 2.0000, 1.0000, 0.5000, 0.2500, 0.1670,
                               0.1250, 0.1000, 0.0833, 0.0714, 0.0625};
        const auto a = x[0], b = x[1], c = x[2], d = x[3];
        for (std::size_t i = 0; i < y.size(); ++i)
            out(y[i] - a * (u[i] * u[i] + u[i] * b) / (u[i] * u[i] + u[i] * c + d));
    }

    template <class X, class Out>
    static void brown_dennis(const X& x, Index m, Out& out) {
        const auto a = x[0], b = x[1], c = x[2], d = x[3];
        for (Index i = 1; i <= m; ++i) {
            const double t = static_cast<double>(i) / 5;
            const auto line = a + t * b - std::exp(t);
            const auto wave = c + std::sin(t) * d - std::cos(t);
            out(line * line + wave * wave);
        }
    }

    template <class X, class Out>
    static void osborne_1(const X& x, Out& out) {
        using std::exp;
        constexpr std::array y{0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818,
                               0.784, 0.751, 0.718, 0.685, 0.658, 0.628, 0.603, 0.580, 0.558,
                               0.538, 0.522, 0.506, 0.490, 0.478, 0.467, 0.457, 0.448, 0.438,
                               0.431, 0.424, 0.420, 0.414, 0.411, 0.406};
        const auto a = x[0], b = x[1], c = x[2], d = x[3], e = x[4];
        double t = 0;
        for (const double target : y) {
            out(target - (a + b * exp(-t * d) + c * exp(-t * e)));
            t += 10;
        }
    }

    template <class X, class Out>
    static void biggs_exp6(const X& x, Index m, Out& out) {
        using std::exp;
        const auto a = x[0], b = x[1], c = x[2], d = x[3], e = x[4], f = x[5];
        for (Index i = 1; i <= m; ++i) {
            const double t = 0.1 * static_cast<double>(i);
            const double y = std::exp(-t) - 5 * std::exp(-10 * t) + 3 * std::exp(-4 * t);
            out(c * exp(-t * a) - d * exp(-t * b) + f * exp(-t * e) - y);
        }
    }

    template <class X, class Out>
    static void osborne_2(const X& x, Out& out) {
        using std::exp;
        constexpr std::array y{1.366, 1.191, 1.112, 1.013, 0.991, 0.885, 0.831, 0.847, 0.786, 0.725,
                               0.746, 0.679, 0.608, 0.655, 0.616, 0.606, 0.602, 0.626, 0.651, 0.724,
                               0.649, 0.649, 0.694, 0.644, 0.624, 0.661, 0.612, 0.558, 0.533, 0.495,
                               0.500, 0.423, 0.395, 0.375, 0.372, 0.391, 0.396, 0.405, 0.428, 0.429,
                               0.523, 0.562, 0.607, 0.653, 0.672, 0.708, 0.633, 0.668, 0.645, 0.632,
                               0.591, 0.559, 0.597, 0.625, 0.739, 0.710, 0.729, 0.720, 0.636, 0.581,
                               0.428, 0.292, 0.162, 0.098, 0.054};
        for (std::size_t i = 0; i < y.size(); ++i) {
            const double t = static_cast<double>(i) / 10;
            auto rest = y[i] - x[0] * exp(-t * x[4]);
            for (Index k = 1; k <= 3; ++k) {
                const auto off = t - x[7 + k];
                rest -= x[k] * exp(-(off * off) * x[4 + k]);
            }
            out(rest);
        }
    }
};

}  // namespace ermine
