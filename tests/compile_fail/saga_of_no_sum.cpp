// SPDX-License-Identifier: MIT
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/stochastic_methods.hpp>

int main() {
    const auto result =
        ermine::minimize(ermine::Rosenbrock{}, Eigen::Vector2d(-1.2, 1.0), ermine::saga());
    return static_cast<int>(result.iterations);
}
