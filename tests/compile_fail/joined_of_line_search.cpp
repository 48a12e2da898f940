// SPDX-License-Identifier: MIT
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/joined.hpp>

int main() {
    const auto result = ermine::minimize(
        ermine::Rosenbrock{}, Eigen::Vector2d(-1.2, 1.0),
        ermine::FullGradient{} | ermine::joined(ermine::Constant{.size = 1e-3}, {.iteration = 5},
                                                ermine::Backtracking{}));
    return static_cast<int>(result.iterations);
}
