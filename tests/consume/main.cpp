// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdlib>
#include <ermine/ermine.hpp>
#include <iostream>

// (x - 3)²: the least that a user of the library writes.
struct Parabola {
    double value(const Eigen::VectorXd& x) const { return (x[0] - 3) * (x[0] - 3); }
    double value_and_gradient(const Eigen::VectorXd& x, Eigen::VectorXd& g) const {
        g[0] = 2 * (x[0] - 3);
        return value(x);
    }
};
static_assert(ermine::Differentiable<Parabola>);

int main() {
    using namespace ermine;
    const auto result = minimize(Parabola{}, Eigen::VectorXd(Eigen::VectorXd::Zero(1)),
                                 gradient_descent(0.25), GradientNorm{1e-10});
    std::cout << "ermine " << version << ": x = " << result.x[0] << '\n';
    return result.converged() && std::abs(result.x[0] - 3) < 1e-9 ? EXIT_SUCCESS : EXIT_FAILURE;
}
