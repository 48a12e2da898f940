// SPDX-License-Identifier: MIT
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/levenberg_marquardt.hpp>
#include <ermine/solvers/minimize.hpp>

int main() {
    const auto result = ermine::minimize(ermine::Rosenbrock{}, Eigen::VectorXd::Ones(3).eval(),
                                         ermine::levenberg_marquardt());
    return static_cast<int>(result.iterations);
}
