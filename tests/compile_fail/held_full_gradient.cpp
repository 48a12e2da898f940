// SPDX-License-Identifier: MIT
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/estimators/held.hpp>

int main() {
    const auto estimator = ermine::held(ermine::FullGradient{}, {.steps = 3});
    return static_cast<int>(estimator.steps);
}
