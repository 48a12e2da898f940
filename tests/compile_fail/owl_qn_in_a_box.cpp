// SPDX-License-Identifier: MIT
#include <ermine/objectives/box.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/owl_qn.hpp>

int main() {
    const auto result = ermine::minimize(ermine::Rosenbrock{} + ermine::Box{.upper = 0.5},
                                         Eigen::Vector2d(-1.2, 1), ermine::OWLQN{});
    return static_cast<int>(result.iterations);
}
