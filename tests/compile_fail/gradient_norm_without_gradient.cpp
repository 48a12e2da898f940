// SPDX-License-Identifier: MIT
#include <ermine/objectives/objective.hpp>
#include <ermine/solvers/gradient_norm.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/nelder_mead.hpp>

int main() {
    const auto f = ermine::objective([](const auto& x) { return x.squaredNorm(); });
    const auto result = ermine::minimize(f, Eigen::VectorXd::Ones(3).eval(), ermine::NelderMead{},
                                         ermine::GradientNorm{1e-6});
    return static_cast<int>(result.iterations);
}
