// SPDX-License-Identifier: MIT
// docs/guide/11_convexity.md
#include <ermine/ermine.hpp>

#include <iostream>

using namespace ermine;

int main(int count, char** words) {
    const auto data = two_moons({.examples = 100, .noise = 0.2, .seed = 7});

    // convex: wherever a run starts, it ends at the same point
    const auto convex = EmpiricalRisk{Linear{.features = 2}, LogisticLoss{}, data} + L2{1e-2};
    const auto one = basins(convex, convex.zero(), newton(), GradientNorm{1e-10}, {.spread = 3});

    // not convex: two minima in each of three variables, and every choice of them is one
    const auto f = autodiff(
        [](const auto& x) { return ((x.array().square() - 1).square() + 0.1 * x.array()).sum(); });
    const Eigen::VectorXd origin = Eigen::VectorXd::Zero(3);
    const auto eight =
        basins(f, origin, gradient_descent(0.05), GradientNorm{1e-8}, {.starts = 200});
    std::cout << "logistic regression: " << one << "three double wells: " << eight;

    // a network: what twenty seeds end at, by its width
    std::vector<double> widths, spreads;
    for (const Index width : {2, 3, 4, 6, 8, 12, 16}) {
        const EmpiricalRisk risk{network(2, dense(width), tanh(), dense(1)), SquaredLoss{}, data};
        Eigen::ArrayXd losses(20);
        for (Index seed = 0; seed < losses.size(); ++seed) {
            const auto x0 = initialize(risk, Glorot{}, static_cast<std::uint64_t>(seed));
            losses[seed] = minimize(risk + L2{1e-3}, x0, lbfgs(), MaxIterations{500}).value;
        }
        const RiskEstimate estimate = estimate_risk(losses);
        widths.push_back(static_cast<double>(width));
        spreads.push_back(estimate.standard_error * std::sqrt(20));
        std::cout << width << " units: " << estimate << ", deviation " << spreads.back() << '\n';
    }
    const Estimate power = fit_power_law(widths, spreads).slope;
    std::cout << "deviation over seeds: width to the power " << power << '\n';
    const Chart chart{.title = "How far apart training ends, by the width of a network",
                      .x_label = "hidden units",
                      .y_label = "standard deviation of the final loss over 20 seeds",
                      .log_x = true,
                      .log_y = true,
                      .series = {{"measured", widths, spreads}}};
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    const bool basins_as_counted =
        one.basins.size() == 1 && one.failed == 0 && eight.basins.size() == 8 && eight.failed == 0;
    return basins_as_counted && power.upper() < -1 ? 0 : 1;
}
