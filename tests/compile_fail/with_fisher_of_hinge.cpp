// SPDX-License-Identifier: MIT
#include <ermine/data/dataset.hpp>
#include <ermine/losses/hinge.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/network.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/objectives/with_fisher.hpp>

int main() {
    using namespace ermine;
    const Eigen::MatrixXd x = Eigen::MatrixXd::Random(10, 3);
    const Eigen::VectorXd y = Eigen::VectorXd::Ones(10);
    const auto risk = with_fisher(EmpiricalRisk{network(3, dense(1)), HingeLoss{}, Dataset{x, y}});
    return static_cast<int>(risk.examples());
}
