// SPDX-License-Identifier: MIT
#include <ermine/objectives/finite_sum.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/stochastic_methods.hpp>
#include <ermine/steps/backtracking.hpp>

int main() {
    const auto f =
        ermine::finite_sum(10, [](ermine::Index, const auto& x) { return x.squaredNorm(); });
    const Eigen::VectorXd x0 = Eigen::VectorXd::Ones(2);
    const auto result = ermine::minimize(f, x0, ermine::Saga{} | ermine::Backtracking{});
    return static_cast<int>(result.iterations);
}
