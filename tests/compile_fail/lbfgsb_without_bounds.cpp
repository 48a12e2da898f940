// SPDX-License-Identifier: MIT
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/lbfgsb.hpp>
#include <ermine/solvers/minimize.hpp>

int main() {
    const auto result =
        ermine::minimize(ermine::Rosenbrock{}, Eigen::Vector2d(-1.2, 1), ermine::LBFGSB{});
    return static_cast<int>(result.iterations);
}
