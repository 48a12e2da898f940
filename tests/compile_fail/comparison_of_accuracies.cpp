// SPDX-License-Identifier: MIT
#include <ermine/diagnostics/compare_models.hpp>
#include <ermine/losses/accuracy.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>

int main() {
    using namespace ermine;
    const Eigen::MatrixXd x = Eigen::MatrixXd::Random(10, 3);
    const Eigen::VectorXd y = Eigen::VectorXd::Ones(10);
    const EmpiricalRisk risk{Linear{3}, Accuracy{}, Dataset{x, y}};
    const Eigen::VectorXd theta = risk.zero();
    return static_cast<int>(compare_models(risk, theta, risk, theta).examples);
}
