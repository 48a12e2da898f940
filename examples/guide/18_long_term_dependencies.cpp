// SPDX-License-Identifier: MIT
// docs/guide/18_long_term_dependencies.md
#include <ermine/ermine.hpp>

#include <cmath>
#include <iostream>

using namespace ermine;
using Eigen::MatrixXd, Eigen::VectorXd;

/// The norm of ∂(1ᵀ h_T)/∂h_t against T − t.
static Series norms(const std::string& name, Squash how, const MatrixXd& recurrent) {
    const Index n = recurrent.rows();
    const Index steps = 200;
    const auto model = network(n, rnn(n, how));
    VectorXd theta = VectorXd::Zero(model.parameters());
    MatrixXd::Map(theta.data(), n, n).setIdentity();  // what comes in adds to U h
    MatrixXd::Map(theta.data() + n * n, n, n) = recurrent.transpose();

    typename decltype(model)::Memory<double> memory;
    memory.in.value.setZero(n, steps);
    memory.in.value.col(0).setConstant(0.1);
    const Pass pass{.examples = 1, .steps = steps, .inputs = true};
    model.forward(pass, theta.data(), memory);
    memory.out->slope.setZero(n, steps);
    memory.out->slope.col(steps - 1).setOnes();
    VectorXd gradient = theta;
    model.backward(pass, theta.data(), gradient.data(), memory);
    Series series{name, {}, {}};
    for (Index back = 0; back < steps; ++back) {
        series.x.push_back(static_cast<double>(back));
        series.y.push_back(memory.in.slope.col(steps - 1 - back).norm());
    }
    return series;
}

int main(int count, char** words) {
    // eigenvalues 1, −0.9, 0.8, … along axes that are not at right angles
    Random random(1);
    const MatrixXd noise = MatrixXd::NullaryExpr(8, 8, [&] { return random.normal(); });
    const MatrixXd axes = MatrixXd::Identity(8, 8) + 0.3 * noise;
    const Eigen::Vector<double, 8> values(1, -0.9, 0.8, -0.7, 0.6, -0.5, 0.4, -0.3);
    const MatrixXd unit = axes * values.asDiagonal() * axes.inverse();

    Chart chart{"Gradients back through time", "steps back", "norm", false, true, {}};
    bool holds = true;
    for (const Squash how : {Squash::identity, Squash::tanh})
        for (const double rho : {0.9, 1.1}) {
            const std::string name = how == Squash::tanh ? "tanh" : "linear";
            const Series s = norms(name + (rho < 1 ? ", 0.9" : ", 1.1"), how, rho * unit);
            const double slope = std::log(s.y[150] / s.y[75]) / 75;
            std::cout << s.name << ": slope " << slope << ", log ρ " << std::log(rho) << '\n';
            const bool squashed = how == Squash::tanh && rho > 1;  // its states do not stay small
            holds = holds && (squashed ? slope < 0 : std::abs(slope - std::log(rho)) < 1e-4);
            chart.series.push_back(s);
        }
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds ? 0 : 1;
}
