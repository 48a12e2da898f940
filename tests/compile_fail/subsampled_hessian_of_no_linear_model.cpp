// SPDX-License-Identifier: MIT
#include <ermine/directions/newton.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/estimators/subsampled_hessian.hpp>
#include <ermine/objectives/finite_sum.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/backtracking.hpp>

int main() {
    const auto f =
        ermine::finite_sum(10, [](ermine::Index, const auto& x) { return x.squaredNorm(); });
    const Eigen::VectorXd x0 = Eigen::VectorXd::Ones(2);
    const auto result =
        ermine::minimize(f, x0,
                         ermine::subsampled_hessian(ermine::FullGradient{}, {.size = 5}) |
                             ermine::Newton{} | ermine::Backtracking{});
    return static_cast<int>(result.iterations);
}
