// SPDX-License-Identifier: MIT
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/projected_gradient.hpp>

int main() {
    const auto result = ermine::minimize(ermine::Rosenbrock{}, Eigen::Vector2d(-1.2, 1),
                                         ermine::ProjectedGradient{});
    return static_cast<int>(result.iterations);
}
