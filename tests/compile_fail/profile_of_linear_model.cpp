// SPDX-License-Identifier: MIT
#include <ermine/diagnostics/network_profile.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>

int main() {
    using namespace ermine;
    const Eigen::MatrixXd x = Eigen::MatrixXd::Random(10, 3);
    const Eigen::VectorXd y = Eigen::VectorXd::Ones(10);
    const EmpiricalRisk risk{Linear{3}, LogisticLoss{}, Dataset{x, y}};
    return static_cast<int>(network_profile(risk, risk.zero()).examples);
}
