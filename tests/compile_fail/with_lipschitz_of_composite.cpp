// SPDX-License-Identifier: MIT
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/objectives/with_lipschitz.hpp>

int main() {
    const auto f = ermine::with_lipschitz(ermine::Rosenbrock{} + ermine::L1{}, {.gradient = 4});
    return static_cast<int>(f.smoothness());
}
