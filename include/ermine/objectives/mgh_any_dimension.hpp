// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include <ermine/concepts/vector.hpp>
#include <ermine/objectives/mgh_equations.hpp>

namespace ermine {

/// The residuals of problems 20 to 35 of Moré, Garbow & Hillstrom (1981), in any number of
/// variables. See MghEquations for how they are called; here x.size is the number of variables.
/// No memory is needed, and sums over all variables are taken once.
struct MghAnyDimension {
    template <class X, class Out>
    static void residuals(int number, const X& x, Index m, Out& out) {
        switch (number) {
            case 20:
                return watson(x, out);
            case 21:
                for (Index i = 0; i + 1 < x.size; i += 2)
                    MghEquations::rosenbrock(x[i], x[i + 1], out);
                return;
            case 22:
                for (Index i = 0; i + 3 < x.size; i += 4)
                    MghEquations::powell_singular(x[i], x[i + 1], x[i + 2], x[i + 3], out);
                return;
            case 23:
                return penalty_1(x, out);
            case 24:
                return penalty_2(x, out);
            case 25:
                return variably_dimensioned(x, out);
            case 26:
                return trigonometric(x, out);
            case 27:
                return brown_almost_linear(x, out);
            case 28:
                return discrete_boundary_value(x, out);
            case 29:
                return discrete_integral_equation(x, out);
            case 30:
                return broyden_tridiagonal(x, out);
            case 31:
                return broyden_banded(x, out);
            case 32:
                return linear_full_rank(x, m, out);
            case 33:
                return linear_rank_1(x, 0, m, out);
            case 34:
                return linear_rank_1(x, 1, m, out);
            default:
                return chebyquad(x, m, out);
        }
    }

private:
    static double real(Index i) { return static_cast<double>(i); }

    template <class X, class Out>
    static void watson(const X& x, Out& out) {
        using T = typename X::Number;
        for (Index i = 1; i <= 29; ++i) {
            const double t = real(i) / 29;
            double power = 1;
            T slope(0), sum = x[0];
            for (Index j = 1; j < x.size; ++j) {
                slope += (real(j) * power) * x[j];
                power *= t;
                sum += power * x[j];
            }
            out(slope - sum * sum - 1);
        }
        out(x[0]);
        out(x[1] - x[0] * x[0] - 1);
    }

    template <class X, class Out>
    static void penalty_1(const X& x, Out& out) {
        using T = typename X::Number;
        T sum(0);
        for (Index i = 0; i < x.size; ++i) {
            out(std::sqrt(1e-5) * (x[i] - 1));
            sum += x[i] * x[i];
        }
        out(sum - 0.25);
    }

    template <class X, class Out>
    static void penalty_2(const X& x, Out& out) {
        using std::exp;
        using T = typename X::Number;
        const double root = std::sqrt(1e-5);
        const Index n = x.size;
        out(x[0] - 0.2);
        T last = exp(x[0] / 10);
        for (Index i = 1; i < n; ++i) {
            const T next = exp(x[i] / 10);
            out(root * (next + last - (std::exp(real(i + 1) / 10) + std::exp(real(i) / 10))));
            last = next;
        }
        for (Index i = 1; i < n; ++i) out(root * (exp(x[i] / 10) - std::exp(-0.1)));
        T sum(0);
        for (Index i = 0; i < n; ++i) sum += real(n - i) * (x[i] * x[i]);
        out(sum - 1);
    }

    template <class X, class Out>
    static void variably_dimensioned(const X& x, Out& out) {
        typename X::Number sum(0);
        for (Index i = 0; i < x.size; ++i) {
            out(x[i] - 1);
            sum += real(i + 1) * (x[i] - 1);
        }
        out(sum);
        out(sum * sum);
    }

    template <class X, class Out>
    static void trigonometric(const X& x, Out& out) {
        using std::cos;
        using std::sin;
        typename X::Number sum(0);
        for (Index i = 0; i < x.size; ++i) sum += cos(x[i]);
        for (Index i = 0; i < x.size; ++i)
            out(real(x.size) - sum + real(i + 1) * (1 - cos(x[i])) - sin(x[i]));
    }

    template <class X, class Out>
    static void brown_almost_linear(const X& x, Out& out) {
        using T = typename X::Number;
        T sum(0), product(1);
        for (Index i = 0; i < x.size; ++i) {
            sum += x[i];
            product *= x[i];
        }
        for (Index i = 0; i + 1 < x.size; ++i) out(x[i] + sum - real(x.size + 1));
        out(product - 1);
    }

    template <class X>
    static auto cubed(const X& x, Index i, double t) {
        const auto shifted = x[i] + t + 1;
        return shifted * shifted * shifted;
    }

    template <class X, class Out>
    static void discrete_boundary_value(const X& x, Out& out) {
        const double h = 1 / real(x.size + 1);
        for (Index i = 0; i < x.size; ++i) {
            auto rest = 2 * x[i] + h * h / 2 * cubed(x, i, real(i + 1) * h);
            if (i > 0) rest -= x[i - 1];
            if (i + 1 < x.size) rest -= x[i + 1];
            out(rest);
        }
    }

    template <class X, class Out>
    static void discrete_integral_equation(const X& x, Out& out) {
        using T = typename X::Number;
        const double h = 1 / real(x.size + 1);
        T before(0), after(0);
        for (Index j = 0; j < x.size; ++j) {
            const double t = real(j + 1) * h;
            after += (1 - t) * cubed(x, j, t);
        }
        for (Index i = 0; i < x.size; ++i) {
            const double t = real(i + 1) * h;
            const T cube = cubed(x, i, t);
            before += t * cube;
            after -= (1 - t) * cube;
            out(x[i] + h / 2 * ((1 - t) * before + t * after));
        }
    }

    template <class X, class Out>
    static void broyden_tridiagonal(const X& x, Out& out) {
        for (Index i = 0; i < x.size; ++i) {
            auto rest = (3 - 2 * x[i]) * x[i] + 1;
            if (i > 0) rest -= x[i - 1];
            if (i + 1 < x.size) rest -= 2 * x[i + 1];
            out(rest);
        }
    }

    template <class X, class Out>
    static void broyden_banded(const X& x, Out& out) {
        for (Index i = 0; i < x.size; ++i) {
            auto rest = x[i] * (2 + 5 * (x[i] * x[i])) + 1;
            const Index end = std::min(i + 2, x.size);
            for (Index j = std::max<Index>(i - 5, 0); j < end; ++j)
                if (j != i) rest -= x[j] * (1 + x[j]);
            out(rest);
        }
    }

    template <class X, class Out>
    static void linear_full_rank(const X& x, Index m, Out& out) {
        typename X::Number sum(0);
        for (Index i = 0; i < x.size; ++i) sum += x[i];
        const auto common = -2 / real(m) * sum - 1;
        for (Index i = 0; i < m; ++i) {
            if (i < x.size)
                out(x[i] + common);
            else
                out(common);
        }
    }

    // The first and last `margin` rows and columns are zero.
    template <class X, class Out>
    static void linear_rank_1(const X& x, Index margin, Index m, Out& out) {
        using T = typename X::Number;
        T sum(0);
        for (Index j = margin; j < x.size - margin; ++j) sum += real(j + 1) * x[j];
        for (Index i = 0; i < m; ++i) {
            const bool zero = i < margin || i >= m - margin;
            out((zero ? 0 : real(i + 1 - margin)) * sum - 1);
        }
    }

    // The sums over the variables of the shifted Chebyshev polynomials, a few degrees at a time so
    // that they need no more than the stack.
    template <class X, class Out>
    static void chebyquad(const X& x, Index m, Out& out) {
        using T = typename X::Number;
        constexpr Index many = 32;
        for (Index done = 0; done < m; done += many) {
            std::array<T, many> sums{};
            const Index end = std::min(done + many, m);
            for (Index j = 0; j < x.size; ++j) {
                const T argument = 2 * x[j] - 1;
                T last(1), polynomial = argument;
                for (Index degree = 1; degree <= end; ++degree) {
                    if (degree > done)
                        sums[static_cast<std::size_t>(degree - done - 1)] += polynomial;
                    const T next = 2 * (argument * polynomial) - last;
                    last = polynomial;
                    polynomial = next;
                }
            }
            for (Index degree = done + 1; degree <= end; ++degree) {
                const double d = real(degree);
                const double integral = degree % 2 == 0 ? -1 / (d * d - 1) : 0;
                out(sums[static_cast<std::size_t>(degree - done - 1)] / real(x.size) - integral);
            }
        }
    }
};

}  // namespace ermine
