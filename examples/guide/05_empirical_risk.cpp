// SPDX-License-Identifier: MIT
// docs/guide/05_empirical_risk.md
#include <ermine/ermine.hpp>

#include <iostream>
#include <numbers>

using namespace ermine;
using Eigen::VectorXd;

int main(int count, char** words) {
    constexpr int d = 5;
    const Linear model{.features = d, .intercept = false};
    const auto fit_to = [&](const auto& data) {
        const EmpiricalRisk risk{model, SquaredLoss{}, data};
        return minimize(risk, risk.zero(), newton(), MaxIterations{1}).x;
    };
    std::vector<Series> gaps{{"of the true function", {}, {}},
                             {"of the one that was learnt", {}, {}},
                             {"0-1 loss, labels thrown by a coin", {}, {}}};
    Random random(1);
    const auto coin = [&](Index) { return random.uniform() < 0.5 ? -1.0 : 1.0; };
    bool holds = true;
    std::cout << "n      gaps (and by theory)\n";
    for (Index n = 100; n <= 1600; n *= 2) {
        Eigen::Array3d sum = Eigen::Array3d::Zero();
        for (int trial = 0; trial < 150; ++trial) {
            // y = xᵀw + noise, both standard normal: the risk of v is ½ (1 + ‖v − w‖²)
            const auto [data, w] = regression_with_outliers(
                {.examples = n, .features = d, .noise = 1, .outliers = 0, .seed = random.bits()});
            const EmpiricalRisk risk{model, SquaredLoss{}, data};
            const VectorXd v = fit_to(data);
            const double of_truth = 0.5 - risk.value(w);  // its mean, 0, is left out of the next
            const double of_learnt = (1 + (v - w).squaredNorm()) / 2 - risk.value(v) - of_truth;
            // labels of a coin: nobody guesses more than half of them
            const auto labelled = data.with_targets(VectorXd::NullaryExpr(n, coin));
            const double by_heart =
                0.5 - EmpiricalRisk{model, ZeroOneLoss{}, labelled}.value(fit_to(labelled));
            sum += Eigen::Array3d{of_truth * of_truth, of_learnt, by_heart};
        }
        const auto m = static_cast<double>(n);
        const Eigen::Array3d seen{std::sqrt(sum[0] / 150), sum[1] / 150, sum[2] / 150};
        const Eigen::Array3d theory{std::sqrt(0.5 / m), (d / m + d / (m - d - 1)) / 2,
                                    std::sqrt(d / (2 * std::numbers::pi * m))};
        std::cout << n << "   " << seen.transpose() << " (" << theory.transpose() << ")\n";
        holds = holds && ((seen / theory - 1).abs() < 0.2).all();
        for (Series& gap : gaps) gap.x.push_back(m);
        for (std::size_t k = 0; k < 3; ++k) gaps[k].y.push_back(seen[static_cast<Index>(k)]);
    }
    for (const Series& gap : gaps) {
        const double theory = &gap == &gaps[1] ? -1 : -0.5;
        const Estimate slope = fit_power_law(gap.x, gap.y).slope;
        std::cout << gap.name << ": slope " << slope << ", by theory " << theory << '\n';
        holds = holds && std::abs(slope.value - theory) < slope.error && slope.error < 0.15;
    }
    const Chart chart{"Risk less empirical risk", "examples", "gap", true, true, gaps};
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds ? 0 : 1;
}
