// SPDX-License-Identifier: MIT
// newton WHICH K: K iterations on a quadratic of two variables, for the counting of instructions.
// By hand: h the plain loop, a the same with the line search of newton(). By ermine: c the sentence
// with a constant step, n newton().
#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>

namespace {

using Eigen::Matrix2d;
using Eigen::Vector2d;

struct Quadratic {
    Matrix2d a;
    Vector2d b;

    double value(const Vector2d& x) const { return 0.5 * x.dot(a * x) - b.dot(x); }

    double value_and_gradient(const Vector2d& x, Vector2d& g) const {
        g = a * x - b;
        return 0.5 * x.dot(g - b);
    }

    void hessian(const Vector2d&, Matrix2d& h) const { h = a; }
};

double plain(const Quadratic& f, Vector2d x, int iterations) {
    Vector2d g;
    Matrix2d h;
    double value = f.value_and_gradient(x, g);
    for (int k = 0; k < iterations; ++k) {
        f.hessian(x, h);
        x -= h.llt().solve(g);
        value = f.value_and_gradient(x, g);
    }
    return value + x[0];
}

/// The loop that newton() stands for: Armijo's test, and where values drown in rounding, the
/// gradient's.
double searching(const Quadratic& f, Vector2d x, int iterations) {
    Vector2d g, there, g_there;
    Matrix2d h;
    double value = f.value_and_gradient(x, g);
    for (int k = 0; k < iterations; ++k) {
        f.hessian(x, h);
        const Vector2d d = h.llt().solve(g);
        const double slope = g.dot(d);
        if (!(slope >= 0)) break;
        double t = 1;
        double change = 0;
        int trial = 0;
        for (; trial < 60; ++trial, t /= 2) {
            there = x - t * d;
            change = f.value_and_gradient(there, g_there) - value;
            if (change <= -1e-4 * t * slope && (change < 0 || slope == 0)) break;
            if (std::abs(change) <= 1e-10 * std::abs(value) &&
                -g_there.dot(d) <= (1 - 2e-4) * slope && g_there.squaredNorm() < g.squaredNorm())
                break;
        }
        if (trial == 60) break;
        x = there;
        g = g_there;
        value += change;
    }
    return value + x[0];
}

}  // namespace

int main(int count, char** words) {
    if (count != 3) return 2;
    const int iterations = std::atoi(words[2]);
    Quadratic f;
    f.a << 3, 1, 1, 2;
    f.b << 0.3, 0.7;
    const Vector2d x0{5, -3};
    asm volatile("" : : "r"(&f) : "memory");  // the compiler must not know the numbers
    const ermine::MaxIterations stop{iterations};
    double result = 0;
    switch (words[1][0]) {
        case 'h':
            result = plain(f, x0, iterations);
            break;
        case 'a':
            result = searching(f, x0, iterations);
            break;
        case 'c': {
            const auto sentence =
                ermine::FullGradient{} | ermine::Newton{} | ermine::Constant{.size = 1};
            const auto r = ermine::minimize(f, x0, sentence, stop);
            result = r.value + r.x[0];
            break;
        }
        case 'n': {
            const auto r = ermine::minimize(f, x0, ermine::newton(), stop);
            result = r.value + r.x[0];
            if (r.iterations != iterations) return 1;
            break;
        }
        default:
            return 2;
    }
    std::printf("%.17g\n", result);
}
