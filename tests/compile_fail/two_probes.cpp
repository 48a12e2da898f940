// SPDX-License-Identifier: MIT
#include <ermine/estimators/sam.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>

int main() {
    const auto result = ermine::minimize(
        ermine::Rosenbrock{}, Eigen::Vector2d(-1.2, 1.0),
        ermine::FullGradient{} | ermine::Sam{} | ermine::Sam{} | ermine::Constant{0.1});
    return static_cast<int>(result.iterations);
}
