// SPDX-License-Identifier: MIT
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/tails/schedule_free.hpp>

int main() {
    const auto result =
        ermine::minimize(ermine::Rosenbrock{} + ermine::L1{0.1}, Eigen::Vector2d(-1.2, 1.0),
                         ermine::FullGradient{} | ermine::Constant{0.1} | ermine::ScheduleFree{});
    return static_cast<int>(result.iterations);
}
