// SPDX-License-Identifier: MIT
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/lbfgsb.hpp>
#include <ermine/solvers/minimize.hpp>

int main() {
    const auto result = ermine::minimize(ermine::Rosenbrock{} + ermine::L1{0.5},
                                         Eigen::Vector2d(-1.2, 1), ermine::LBFGSB{});
    return static_cast<int>(result.iterations);
}
