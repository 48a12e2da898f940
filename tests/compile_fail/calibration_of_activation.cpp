// SPDX-License-Identifier: MIT
#include <ermine/losses/squared.hpp>
#include <ermine/models/calibrate.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/objectives/network_risk.hpp>

int main() {
    const auto model = ermine::network(2, ermine::dense(1), ermine::tanh());
    const ermine::EmpiricalRisk risk{
        model, ermine::SquaredLoss{},
        ermine::Dataset{Eigen::MatrixXd::Ones(3, 2).eval(), Eigen::VectorXd::Ones(3).eval()}};
    return static_cast<int>(
        ermine::calibrate(model, risk, Eigen::VectorXd::Zero(3).eval()).temperature);
}
