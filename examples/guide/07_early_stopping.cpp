// SPDX-License-Identifier: MIT
// docs/guide/07_early_stopping.md
#include <ermine/ermine.hpp>

#include <iostream>

using namespace ermine;
using Eigen::VectorXd;

int main(int count, char** words) {
    constexpr int trials = 20;
    constexpr Index looks = 11;  // after 1, 2, 4, … 1024 steps
    const Linear model{.features = 50, .intercept = false};
    VectorXd stopping = VectorXd::Zero(looks);  // mean risk above that of the truth, ‖w − truth‖²/2
    VectorXd penalty = VectorXd::Zero(looks);   // where the penalty is ½ λ ‖w‖², λ = 1 / (k ε)
    double apart = 0;
    for (std::uint64_t seed = 1; seed <= trials; ++seed) {
        // few examples with many features, and noise as large as half of the signal
        const auto [data, truth] = regression_with_outliers(
            {.examples = 75, .features = 50, .noise = 4, .outliers = 0, .seed = seed});
        const EmpiricalRisk risk{model, SquaredLoss{}, data};
        const double step = 1 / risk.smoothness();
        Index look = 0;
        const auto compare = [&](const auto& progress) {
            const std::int64_t k = progress.iteration();
            if (k != std::int64_t{1} << look) return;
            const VectorXd& early = progress.point();
            const auto penalized = risk + L2{1 / (static_cast<double>(k) * step)};
            const VectorXd ridge = minimize(penalized, risk.zero(), newton(), MaxIterations{1}).x;
            stopping[look] += (early - truth).squaredNorm() / 2 / trials;
            penalty[look] += (ridge - truth).squaredNorm() / 2 / trials;
            if (k >= 16) apart = std::max(apart, (early - ridge).norm() / ridge.norm());
            ++look;
        };
        (void)minimize(risk, risk.zero(), FullGradient{} | Constant{step}, MaxIterations{1024},
                       compare);
    }

    Series stopped{"k steps of gradient descent", {}, {}};
    Series ridge{"an l2 penalty of 1/(k step)", {}, {}};
    std::cout << "steps   risk of stopping, of the penalty\n";
    for (Index k = 0; k < looks; ++k) {
        for (Series* s : {&stopped, &ridge}) s->x.push_back(static_cast<double>(Index{1} << k));
        stopped.y.push_back(stopping[k]);
        ridge.y.push_back(penalty[k]);
        std::cout << (1 << k) << "   " << stopping[k] << ", " << penalty[k] << '\n';
    }
    const double best = stopping.minCoeff() / penalty.minCoeff();
    const double worst = stopping.cwiseQuotient(penalty).maxCoeff();
    std::cout << "the best of both: " << best << ", at most 1.22 by theory; everywhere: " << worst
              << ", at most 1.69; apart " << apart << " of their length, at most 1/3\n";
    const bool holds = std::abs(best - 1) < 0.1 && worst < 1.69 && apart < 0.334 &&
                       stopping[looks - 1] > 1.5 * stopping.minCoeff();
    const Chart chart{"Risk", "k", "above the risk of the truth", true, false, {stopped, ridge}};
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds ? 0 : 1;
}
