// SPDX-License-Identifier: MIT
#include <ermine/directions/kfac.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>

int main() {
    using namespace ermine;
    const Eigen::MatrixXd x = Eigen::MatrixXd::Random(10, 3);
    const Eigen::VectorXd y = Eigen::VectorXd::Ones(10);
    const EmpiricalRisk risk{Linear{3}, LogisticLoss{}, Dataset{x, y}};
    const auto result =
        minimize(risk, risk.zero(), Minibatch{.size = 2} | KFac{} | Constant{.size = 0.1});
    return static_cast<int>(result.iterations);
}
