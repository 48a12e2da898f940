// SPDX-License-Identifier: MIT
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/in_blocks.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>

int main() {
    const auto result = ermine::minimize(
        ermine::Rosenbrock{}, Eigen::Vector2d(-1.2, 1.0),
        ermine::FullGradient{} | ermine::in_blocks(ermine::ClipByNorm{}, {{"first", 0, 1}}) |
            ermine::Constant{0.1});
    return static_cast<int>(result.iterations);
}
