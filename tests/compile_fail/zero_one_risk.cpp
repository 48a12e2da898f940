// SPDX-License-Identifier: MIT
#include <ermine/data/dataset.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>

// The 0-1 loss says how good a classifier is; its derivative is zero almost everywhere.
int main() {
    const Eigen::MatrixXd inputs{{1.0, 2.0}, {-1.0, 0.5}};
    const Eigen::VectorXd targets{{1.0, -1.0}};
    const ermine::EmpiricalRisk risk{ermine::Linear{2}, ermine::ZeroOneLoss{},
                                     ermine::Dataset{inputs, targets}};
    const auto result = ermine::minimize(risk, risk.zero(), ermine::gradient_descent(0.1));
    return static_cast<int>(result.iterations);
}
