// SPDX-License-Identifier: MIT
#include <ermine/directions/muon.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>

int main() {
    const auto result =
        ermine::minimize(ermine::Rosenbrock{} + ermine::L1{0.1}, Eigen::VectorXd(4),
                         ermine::FullGradient{} | ermine::Muon{.blocks = {{"all", 0, 2, 2}}} |
                             ermine::Constant{0.1});
    return static_cast<int>(result.iterations);
}
