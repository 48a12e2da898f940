// SPDX-License-Identifier: MIT
// Newton's step is written x − H⁻¹∇f, and should not be computed so. On quadratics of n variables
// and condition number κ: what an explicit inverse costs beside the factorization that newton()
// uses, and what it leaves of the gradient, which after one step should be zero.
#include <Eigen/LU>
#include <chrono>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <limits>

#include <ermine/ermine.hpp>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

double seconds_of(const auto& work) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    return took.count();
}

int main() {
    std::cout << "twice as many variables take eight times as long: n³\n"
              << "     n    one Newton step          inverse times gradient\n";
    for (const Index n : {50, 100, 200, 400}) {
        const SpectrumQuadratic f(log_spectrum(n, 1e-3, 1));
        MatrixXd H(n, n);
        f.hessian(f.start(), H);
        VectorXd d = VectorXd::Ones(n);
        const double solve = seconds_of([&] {
            ModifiedCholesky<MatrixXd> factors(n);
            factors.compute(H);
            factors.solve_in_place(d);
        });
        const double inverse = seconds_of([&] { d = H.inverse() * d; });
        const double cube = std::pow(double(n), 3);
        std::cout << std::setw(6) << n << std::setprecision(2) << std::scientific << "    " << solve
                  << " s, " << solve / cube << " n³    " << inverse << " s, " << inverse / cube
                  << " n³\n";
    }

    std::cout << "\none step at n = 50 from x₀, with eigenvalues from 1/κ to 1: error ‖x − x*‖ and "
                 "gradient ‖∇f(x)‖, both over ‖x₀ − x*‖\n"
              << "  κ           reported    factorization           explicit inverse\n";
    bool as_theory_says = true;
    const Index n = 50;
    const double epsilon = std::numeric_limits<double>::epsilon();
    for (const double kappa : {1e2, 1e4, 1e6, 1e8, 1e10, 1e12}) {
        const SpectrumQuadratic f(log_spectrum(n, 1 / kappa, 1));
        const VectorXd x0 = f.start();
        VectorXd gradient(n);
        MatrixXd H(n, n);
        f.value_and_gradient(x0, gradient);
        f.hessian(x0, H);

        const auto newtons =
            minimize(f, x0, FullGradient{} | Newton{} | Constant{.size = 1}, MaxIterations{1});
        const VectorXd by_inverse = x0 - H.inverse() * gradient;

        const double scale = (x0 - f.minimum()).norm();
        const auto error = [&](const VectorXd& x) { return (x - f.minimum()).norm() / scale; };
        const auto left = [&](const VectorXd& x) {
            f.value_and_gradient(x, gradient);
            return gradient.norm() / scale;
        };
        const double residual = left(newtons.x);
        const double residual_of_inverse = left(by_inverse);
        const double reported = newtons.notes.condition_number.value();
        std::cout << "  " << kappa << "    " << reported << "    " << error(newtons.x) << ", "
                  << residual << "      " << error(by_inverse) << ", " << residual_of_inverse
                  << '\n';

        // a factorization solves a system within n ε of H (Higham 2002, theorem 10.4): what is left
        // of the gradient does not know κ, and the error is at most κ times as large
        as_theory_says = as_theory_says && residual <= double(n) * epsilon &&
                         error(newtons.x) <= kappa * double(n) * epsilon && reported >= kappa / 3 &&
                         reported <= kappa * 3;
        // the product with an inverse is as near to x* at best, and leaves ε κ of the gradient
        if (kappa >= 1e6) as_theory_says = as_theory_says && residual_of_inverse > 100 * residual;
    }
    return as_theory_says ? 0 : 1;
}
