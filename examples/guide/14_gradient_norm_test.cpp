// SPDX-License-Identifier: MIT
// docs/guide/14_gradient_norm_test.md
#include <ermine/ermine.hpp>

#include <iostream>

using namespace ermine;
using Eigen::VectorXd;
using Verdict = GradientNormTest::Verdict;

int main(int count, char** words) {
    // into a well, and along the ridge between two wells to a saddle point: the norm shrinks alike
    const auto wells = autodiff([](const auto& x) {
        const auto u = x[0] * x[0] - 1;
        return 0.25 * u * u + 0.5 * x[1] * x[1];
    });
    const auto run = [&](double side, RunRecord& record) {
        const VectorXd x0 = Eigen::Vector2d(side, 1);
        const auto x = minimize(wells, x0, gradient_descent(0.2), MaxIterations{100}, record).x;
        const auto test = gradient_norm_test(record);
        std::cout << test << "  " << classify(wells, x);
        return test.verdict == Verdict::shrinks ? classify(wells, x).kind : PointKind::degenerate;
    };
    RunRecord to_minimum, to_saddle;
    const bool inconclusive =
        run(0.5, to_minimum) == PointKind::minimum && run(0, to_saddle) == PointKind::saddle;

    // a network that learns: the norm of the whole gradient, every ten iterations
    const auto data = spirals({.examples = 100, .classes = 3, .turns = 1, .noise = 0.05});
    const EmpiricalRisk risk{network(2, dense(16), tanh(), dense(16), tanh(), dense(3)),
                             SoftmaxCrossEntropy{}, data};
    RunRecord network;
    VectorXd g;
    const auto look = [&](const auto& progress) {
        const auto now = static_cast<double>(progress.iteration());
        if (progress.iteration() % 10 != 0 || (now > 0 && network.iteration.back() == now)) return;
        network.iteration.push_back(now);
        network.value.push_back(risk.value_and_gradient(progress.iterate(), g));
        network.gradient_norm.push_back(g.norm());
        network.step.push_back(0.1);
    };
    (void)minimize(risk, initialize(risk, Glorot{}, 7), sgd(0.1, {.size = 10, .seed = 1}),
                   MaxIterations{2400}, look);
    const auto test = gradient_norm_test(network);
    const double fall = network.value.back() / network.value.front();
    std::cout << test << "  grew " << test.last / test.first << " times, while the loss fell from "
              << network.value.front() << " to " << network.value.back() << '\n';
    const Chart chart{.title = "Norm of the gradient and loss of a network that learns",
                      .x_label = "iteration",
                      .log_y = true,
                      .series = {{"norm of the gradient", network.iteration, network.gradient_norm},
                                 {"loss", network.iteration, network.value}}};
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    const bool grows = test.verdict == Verdict::does_not_shrink && test.last > 2 * test.first;
    return inconclusive && grows && fall < 0.5 ? 0 : 1;
}
