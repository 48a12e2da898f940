// SPDX-License-Identifier: MIT
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/convergence_bound.hpp>
#include <ermine/solvers/gradient_methods.hpp>

int main() {
    const auto bound = ermine::convergence_bound(ermine::gradient_descent(), ermine::Rosenbrock{},
                                                 1e-6, {.distance = 1});
    return static_cast<int>(bound.iterations);
}
