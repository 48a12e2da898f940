// SPDX-License-Identifier: MIT
// A model that can fit noise does so late. While the surrogate falls on the training set to the
// end, the errors on unseen examples rise again: early stopping answers with the point where they
// were fewest on a validation set (Goodfellow, Bengio & Courville 2016, algorithm 7.1). It acts as
// an L2 penalty does: τ steps of length ε from the origin end near the minimum with the penalty
// ½ λ ‖w‖², λ = 1/(ε τ) (section 7.8, eq. 7.44). For least squares the two are never further apart
// than a third of their length: along an eigenvector of the Hessian with the eigenvalue s one keeps
// 1 - (1 - ε s)^τ of the minimum, the other s / (s + λ), at most 1.33 times less if ε <= 1/L and
// τ >= 16 (1.30 for small ε: Ali, Kolter & Tibshirani, "A continuous-time view of early stopping
// for least squares regression", AISTATS 2019).
#include <ermine/data/logistic_data.hpp>
#include <ermine/data/split.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/newton_methods.hpp>
#include <ermine/solvers/patience.hpp>
#include <ermine/steps/constant.hpp>

#include <cstdint>
#include <iomanip>
#include <iostream>

using namespace ermine;

int main() {
    // a tenth of the labels is wrong, and few examples have many features
    const auto [data, truth] = logistic_data({.examples = 4000,
                                              .features = 150,
                                              .condition = 30,
                                              .margin = 6,
                                              .label_noise = 0.1,
                                              .seed = 5});
    const auto [rest, test] = split(data, {.holdout = 0.5, .seed = 1});
    const auto [train, held_out] = split(rest, {.holdout = 0.85, .seed = 2});
    const Linear model{.features = data.features(), .intercept = false};
    const EmpiricalRisk surrogate{model, LogisticLoss{}, train};
    const EmpiricalRisk validation{model, ZeroOneLoss{}, held_out};
    const EmpiricalRisk unseen{model, ZeroOneLoss{}, test};
    const auto method = FullGradient{} | Constant{};  // gradient descent, step 1/L

    std::cout << std::fixed << std::setprecision(3)
              << "steps   training loss   validation error   test error\n";
    double last_loss = surrogate.value(surrogate.zero());
    bool falls = true;
    const auto look = [&](const auto& progress) {
        const auto steps = progress.iteration();
        falls = falls && progress.value() <= last_loss;
        last_loss = progress.value();
        bool power_of_four = steps > 0;
        for (auto rest_of = steps; rest_of > 1; rest_of /= 4)
            power_of_four = power_of_four && rest_of % 4 == 0;
        if (power_of_four)
            std::cout << std::setw(5) << steps << std::setw(16) << progress.value() << std::setw(19)
                      << validation.value(progress.point()) << std::setw(13)
                      << unseen.value(progress.point()) << '\n';
    };
    const auto late = minimize(surrogate, surrogate.zero(), method, MaxIterations{4096}, look);
    const auto early =
        minimize(surrogate, surrogate.zero(), method,
                 first_of(patience(validation, {.epochs = 100}), MaxIterations{4096}));
    std::cout << "patience ended after " << early.iterations << " steps: training loss "
              << early.value << ", validation error " << validation.value(early.x)
              << ", test error " << unseen.value(early.x) << "\n\n";
    const bool turns_up = falls && early.status == Status::early_stopped &&
                          late.value < early.value &&
                          validation.value(late.x) > validation.value(early.x) &&
                          unseen.value(late.x) > unseen.value(early.x);

    // the same with squares, where the minimum with a penalty is one step of Newton's method away
    const EmpiricalRisk squares{model, SquaredLoss{}, train};
    const double step = 1 / squares.smoothness();
    std::cout << "steps τ   λ = 1/(ε τ)   |w stopped|   |w penalty|   apart / |w|   from the "
                 "minimum / |w|\n";
    const auto minimum = minimize(squares, squares.zero(), newton());
    bool near = true;
    for (const std::int64_t steps : {16, 64, 256, 1024}) {
        const double lambda = 1 / (step * static_cast<double>(steps));
        const auto stopped = minimize(squares, squares.zero(), method, MaxIterations{steps});
        const auto penalty = minimize(squares + L2{lambda}, squares.zero(), newton());
        const double apart = (stopped.x - penalty.x).norm() / penalty.x.norm();
        const double to_go = (stopped.x - minimum.x).norm() / penalty.x.norm();
        std::cout << std::setw(7) << steps << std::setw(14) << lambda << std::setw(14)
                  << stopped.x.norm() << std::setw(14) << penalty.x.norm() << std::setw(14) << apart
                  << std::setw(25) << to_go << '\n';
        near = near && apart < 0.333;
    }
    return turns_up && near ? 0 : 1;
}
