// SPDX-License-Identifier: MIT
// docs/guide/02_newton.md
#include <ermine/ermine.hpp>

#include <Eigen/LU>
#include <iostream>

using namespace ermine;
using Eigen::VectorXd;

int main(int count, char** words) {
    // eᵘ − u along u = x + y and along v = x − 2y, with its minimum at 0 and the distance max(u, v)
    const auto f = autodiff([](const auto& p) {
        using std::exp;
        const auto g = [](const auto& u) { return exp(u) - u; };
        return g(p[0] + p[1]) + g(p[0] - 2 * p[1]);
    });
    const auto path = [&](const char* name, const auto& method) {
        Series errors{name, {}, {}};
        (void)minimize(f, VectorXd{{1, 0}}, method, MaxIterations{8}, [&](const auto& progress) {
            const VectorXd& p = progress.point();
            errors.x.push_back(static_cast<double>(progress.iteration()));
            errors.y.push_back(std::max(std::abs(p[0] + p[1]), std::abs(p[0] - 2 * p[1])));
        });
        return errors;
    };
    const Series newtons = path("Newton's method", FullGradient{} | Newton{} | Constant{1});
    const Series descent = path("gradient descent", FullGradient{} | Constant{0.2});

    bool holds = descent.y.back() > 1e-3;
    std::cout << "error     over the square of the one before\n";
    for (std::size_t k = 1; k < newtons.y.size() && newtons.y[k - 1] > 1e-5; ++k) {
        const double ratio = newtons.y[k] / (newtons.y[k - 1] * newtons.y[k - 1]);
        std::cout << newtons.y[k] << "   " << ratio << '\n';
        holds = holds && ratio < 0.501 && (k < 4 || ratio > 0.49);
    }
    std::cout << "κ         gradient left by a factorization, by an inverse\n";
    for (const double kappa : {1e4, 1e7, 1e10}) {
        const SpectrumQuadratic q(log_spectrum(50, 1 / kappa, 1));
        VectorXd gradient(50);
        q.value_and_gradient(q.start(), gradient);
        const VectorXd by_inverse = q.start() - q.matrix().inverse() * gradient;
        const auto solved =
            minimize(q, q.start(), FullGradient{} | Newton{} | Constant{1}, MaxIterations{1});
        const auto left = [&](const VectorXd& x) {
            q.value_and_gradient(x, gradient);
            return gradient.norm() / (q.start() - q.minimum()).norm();
        };
        std::cout << kappa << "   " << left(solved.x) << ", " << left(by_inverse) << '\n';
        holds = holds && left(solved.x) < 1e-14 &&
                (kappa < 1e6 || left(by_inverse) > 100 * left(solved.x));
    }
    const Chart chart{"Distance to the minimum", "iteration", "distance", false, true,
                      {newtons, descent}};
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds ? 0 : 1;
}
