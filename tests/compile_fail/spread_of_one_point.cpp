// SPDX-License-Identifier: MIT
#include <ermine/objectives/quadratic.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/spread.hpp>

int main() {
    const ermine::Quadratic f(Eigen::MatrixXd::Identity(3, 3).eval(),
                              Eigen::VectorXd::Zero(3).eval());
    const auto result = ermine::minimize(f, Eigen::VectorXd::Ones(3).eval(),
                                         ermine::gradient_descent(), ermine::Spread{});
    return static_cast<int>(result.iterations);
}
