// SPDX-License-Identifier: MIT
// docs/guide/01_gradient_descent.md
#include <ermine/ermine.hpp>

#include <cmath>
#include <iostream>

using namespace ermine;
using Eigen::VectorXd;

int main(int count, char** words) {
    // ½ (x² + κ y²): curvature 1 along x, κ along y
    const double kappa = 25;
    const auto f =
        autodiff([&](const auto& v) { return 0.5 * (v[0] * v[0] + kappa * v[1] * v[1]); });
    const VectorXd x0 = VectorXd::Ones(2);

    Chart chart{.title = "Gradient descent at three step sizes, curvatures 1 and 25",
                .x_label = "iteration",
                .y_label = "F",
                .log_y = true};
    bool holds = true;
    for (const double step : {1 / kappa, 2 / (1 + kappa), 2.1 / kappa}) {
        RunRecord record;
        (void)minimize(f, x0, FullGradient{} | Constant{step}, MaxIterations{60}, record);
        chart.series.push_back({std::to_string(step), record.iteration, record.value});

        // each coordinate is multiplied by 1 - step·curvature: the larger of the two is the rate
        const double rate = std::max(std::abs(1 - step), std::abs(1 - step * kappa));
        const double seen = std::sqrt(record.value[50] / record.value[49]);
        std::cout << "step " << step << ": the distance shrinks " << seen << " times a step, "
                  << rate << " by theory" << '\n';
        holds = holds && std::abs(seen - rate) < 0.02;
    }
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds ? 0 : 1;
}
