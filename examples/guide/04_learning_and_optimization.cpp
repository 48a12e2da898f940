// SPDX-License-Identifier: MIT
// docs/guide/04_learning_and_optimization.md
#include <ermine/ermine.hpp>

#include <iostream>

using namespace ermine;

int main(int count, char** words) {
    const auto model = network(2, dense(32), tanh(), dense(1));
    RunRecord record;                // of the last run
    double at_zero = 1, at_end = 1;  // unseen errors when no seen one is left, and at the end
    const auto learn = [&](const auto& data, double holdout, double epochs, std::uint64_t seed) {
        const auto [train, test] = split(data, {.holdout = holdout, .seed = seed});
        const EmpiricalRisk risk{model, LogisticLoss{}, train};
        const EmpiricalRisk wrong{model, ZeroOneLoss{}, train};
        const EmpiricalRisk unseen{model, ZeroOneLoss{}, test};
        bool reached = false;
        const auto look = [&](const auto& progress) {
            if (reached || progress.iteration() % 10 != 0) return;
            reached = wrong.value(progress.point()) == 0;
            at_zero = unseen.value(progress.point());
        };
        const auto method = Minibatch{.size = 20, .seed = seed} | Constant{0.5};
        record = {};
        const auto x0 = initialize(risk, Glorot{}, seed);
        at_end = unseen.value(minimize(risk, x0, method, MaxEpochs{epochs}, record, look).x);
        return reached;
    };

    // two spirals: the norm of the batches' gradients while the loss falls
    bool holds = true;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        const auto arms = spirals({.examples = 2000, .turns = 1, .seed = seed});
        (void)learn(binary_targets(arms), 0.5, 80, seed);
        const auto test = gradient_norm_test(record);
        const double fell = record.value.back() / record.value[100];
        std::cout << "loss falls to " << fell << " of it, unseen error " << at_end << "; " << test;
        holds = holds && fell < 0.8 && test.last > 2 * test.first;
    }
    const Chart chart{.title = "Two spirals",
                      .x_label = "iteration",
                      .series = {{"gradient norm", record.iteration, record.gradient_norm},
                                 {"loss", record.iteration, record.value}}};

    // two moons: what is learnt when there is no error left to learn from
    Eigen::ArrayX2d errors(20, 2);
    for (Index k = 0; k < 20; ++k) {
        const auto seed = static_cast<std::uint64_t>(k + 1);
        holds = learn(two_moons({.examples = 2000, .seed = seed}), 0.95, 300, seed) && holds;
        errors.row(k) << at_zero, at_end;
    }
    const RiskEstimate gain = estimate_risk(errors.col(0) - errors.col(1));
    std::cout << "unseen errors when no seen one is left, and in the end: "
              << errors.colwise().mean() << ", less by " << gain << '\n';
    holds = holds && gain.mean > 3 * gain.standard_error;
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds ? 0 : 1;
}
