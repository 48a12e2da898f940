// SPDX-License-Identifier: MIT
#include <ermine/objectives/objective.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>

int main() {
    const auto f = ermine::objective([](const auto& x) { return x.squaredNorm(); });
    const auto result =
        ermine::minimize(f, Eigen::VectorXd::Ones(3).eval(), ermine::gradient_descent(0.1));
    return static_cast<int>(result.iterations);
}
