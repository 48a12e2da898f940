// SPDX-License-Identifier: MIT
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>

// A function of run-time size does not differentiate at a point of fixed size.
struct OfRunTimeSize {
    double value(const Eigen::VectorXd& x) const { return x.squaredNorm(); }
    double value_and_gradient(const Eigen::VectorXd& x, Eigen::VectorXd& g) const {
        g = 2 * x;
        return value(x);
    }
};

int main() {
    const auto result =
        ermine::minimize(OfRunTimeSize{}, Eigen::Vector2d(1.0, 2.0), ermine::gradient_descent(0.1));
    return static_cast<int>(result.iterations);
}
