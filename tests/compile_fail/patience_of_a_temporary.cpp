// SPDX-License-Identifier: MIT
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/patience.hpp>

// The rule keeps a pointer to its target.
int main() {
    const auto rule = ermine::patience(ermine::Rosenbrock{});
    return rule.options.epochs;
}
