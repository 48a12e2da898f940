// SPDX-License-Identifier: MIT
// Newton against gradient descent on an ill-conditioned quadratic ½ xᵀAx − bᵀx. Gradient descent
// needs as many steps as the condition number κ = L/μ is large; Newton needs one.
#include <ermine/ermine.hpp>

#include <cmath>
#include <iostream>

using namespace ermine;
using Eigen::Matrix2d;
using Eigen::Vector2d;

int main() {
    bool as_theory_says = true;
    for (const double condition : {10.0, 100.0, 1000.0}) {
        Matrix2d A;
        A << condition, 0, 0, 1;
        const Quadratic f{A, Vector2d(1, 1)};  // least where A x = b, f = −½ (1/κ + 1)
        const double least = -0.5 * (1 / condition + 1);

        const auto stop = first_of(GradientNorm{1e-8}, MaxIterations{100000});
        const auto newtons = minimize(f, Vector2d(2, 2), newton(), stop);
        const auto descent = minimize(f, Vector2d(2, 2), gradient_descent(), stop);
        const auto faster =
            minimize(f, Vector2d(2, 2), FullGradient{} | Constant{} | Nesterov{}, stop);
        std::cout << "condition " << condition << ": Newton " << newtons.iterations
                  << ", gradient descent " << descent.iterations << ", with Nesterov's tail "
                  << faster.iterations << " iterations\n";

        // f − f* shrinks by 1 − μ/L a step at least, and ‖∇f‖² ≤ 2L (f − f*) (Nesterov 2018)
        const double start = f.value(Vector2d(2, 2)) - least;
        const double bound = std::log(2 * condition * start / 1e-16) * condition;
        as_theory_says = as_theory_says && newtons.converged() && newtons.iterations == 1 &&
                         descent.converged() && static_cast<double>(descent.iterations) <= bound &&
                         descent.iterations > static_cast<std::int64_t>(condition) &&
                         // the certificate ‖∇f‖²/2μ bounds what is left to gain
                         descent.value - least <= descent.certificate.value + 1e-15;
    }
    return as_theory_says ? 0 : 1;
}
