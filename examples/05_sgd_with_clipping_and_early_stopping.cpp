// SPDX-License-Identifier: MIT
// Stochastic gradient descent, clipped, stopped by what one cares about. With more features than
// the examples can settle, the training loss goes on falling while the model gets worse: patience
// watches the 0-1 error on held-out examples and hands back the best point.
#include <ermine/ermine.hpp>

#include <iostream>

using namespace ermine;

int main() {
    const auto [data, truth] =
        logistic_data({.examples = 1500, .features = 200, .condition = 10, .margin = 4, .seed = 3});
    const auto [rest, test] = split(data, {.holdout = 0.4, .seed = 1});
    const auto [train, held_out] = split(rest, {.holdout = 0.33, .seed = 2});

    const Linear model{.features = data.features()};
    const EmpiricalRisk surrogate{model, LogisticLoss{}, train};
    const EmpiricalRisk target{model, ZeroOneLoss{}, held_out};

    // which examples | how long at most | smoothed | how far
    const auto method = Minibatch{.size = 16, .seed = 7} | ClipByNorm{1} | Momentum{.decay = 0.9} |
                        Warmup{.iterations = 50} | Cosine{.initial = 0.02, .epochs = 200};

    // any callable that takes a progress may watch
    double training_loss = 0;
    const auto watch = [&](const auto& progress) { training_loss = progress.value(); };

    const auto early = minimize(surrogate, surrogate.zero(), method,
                                first_of(MaxEpochs{200}, patience(target, {.epochs = 10})), watch);
    std::cout << early;
    const auto late = minimize(surrogate, surrogate.zero(), method, MaxEpochs{200});

    const EmpiricalRisk unseen{model, ZeroOneLoss{}, test};
    const auto error_early = estimate_risk(unseen, early.x);
    const auto error_late = estimate_risk(unseen, late.x);
    std::cout << "stopped after " << early.epochs << " epochs, test error " << error_early
              << "\nnot stopped: training loss " << late.value << " instead of " << early.value
              << ", test error " << error_late << '\n';

    const bool stopped = early.status == Status::early_stopped && early.epochs < 100;
    const bool fits_more = late.value < early.value;
    const bool no_better = error_late.mean >= error_early.mean;
    return stopped && fits_more && no_better ? 0 : 1;
}
