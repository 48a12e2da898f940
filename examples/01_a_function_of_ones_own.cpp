// SPDX-License-Identifier: MIT
// A function of one's own. Minimizes Rosenbrock's valley f(x, y) = (1 − x)² + 100 (y − x²)² three
// times: with derivatives from autodiff, with derivatives written by hand, and as a plain struct.
#include <ermine/ermine.hpp>

#include <iostream>

using Eigen::Matrix2d;
using Eigen::Vector2d;

// 1. The formula alone, for numbers of any kind: autodiff finds gradient and Hessian.
const auto valley = [](const auto& p) {
    const auto bend = p[1] - p[0] * p[0];
    return (1 - p[0]) * (1 - p[0]) + 100 * bend * bend;
};

// 2. A gradient of one's own. Fixed-size vectors stay on the stack.
Vector2d slope(const Vector2d& p) {
    const double bend = p[1] - p[0] * p[0];
    return {-2 * (1 - p[0]) - 400 * p[0] * bend, 200 * bend};
}

// 3. A plain struct says what it knows by the members that it has.
struct Valley {
    double value(const Vector2d& p) const { return valley(p); }
    double value_and_gradient(const Vector2d& p, Vector2d& g) const {
        g = slope(p);
        return valley(p);
    }
    void hessian(const Vector2d& p, Matrix2d& H) const {
        H << 1200 * p[0] * p[0] - 400 * p[1] + 2, -400 * p[0], -400 * p[0], 200;
    }
};
static_assert(ermine::TwiceDifferentiable<Valley, Vector2d>);

int main() {
    using namespace ermine;
    const Vector2d start(-1.2, 1);
    const GradientNorm enough{1e-10};

    const auto a = minimize(autodiff(valley), start, newton(), enough);
    const auto b = minimize(objective(valley, slope), start, FullGradient{} | Backtracking{},
                            first_of(GradientNorm{1e-6}, MaxIterations{100000}));
    const auto c = minimize(Valley{}, start, newton(), enough);
    std::cout << "Newton with autodiff: " << a << "Gradient descent: " << b
              << "Newton on the struct: " << c;

    const Vector2d minimum(1, 1);
    const auto found = [&](const auto& result, double distance) {
        return result.converged() && (result.x - minimum).norm() <= distance;
    };
    return found(a, 1e-8) && found(b, 1e-4) && found(c, 1e-8) ? 0 : 1;
}
