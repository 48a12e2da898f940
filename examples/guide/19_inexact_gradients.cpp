// SPDX-License-Identifier: MIT
// docs/guide/19_inexact_gradients.md
#include <ermine/ermine.hpp>

#include <cmath>
#include <iostream>
#include <vector>

using namespace ermine;
using Eigen::VectorXd;

int main(int count, char** words) {
    const auto f = autodiff([](const auto& v) { return 0.5 * v.squaredNorm(); });
    const Index n = 20;
    // how far above the minimum gradient descent settles, on average over its second half
    const auto settles = [&](const NoiseLevels& levels, double step) {
        double sum = 0;
        const auto watch = [&](const auto& progress) {
            if (progress.iteration() > 20000) sum += f.value(progress.point());
        };
        (void)minimize(noisy(f, {.gradient = levels, .seed = 3}), VectorXd(VectorXd::Ones(n)),
                       FullGradient{} | Constant{step}, MaxIterations{40000}, watch);
        return sum / 20000;
    };
    const NoiseLevels random{.additive = 0.5};
    const NoiseLevels biased{.bias = 0.5};

    Series measured{"independent errors", {}, {}, true}, theory{"theory", {}, {}};
    Series fixed{"an error that is always the same", {}, {}, true};
    bool holds = true;
    for (const double step : {0.025, 0.05, 0.1, 0.2, 0.4}) {
        const double expected = noise_floor(random, n, step, 1, 1).variance;
        measured.x.push_back(step);
        measured.y.push_back(settles(random, step));
        theory.x.push_back(step);
        theory.y.push_back(expected);
        fixed.x.push_back(step);
        fixed.y.push_back(settles(biased, step));
        std::cout << "step " << step << ": " << measured.y.back()
                  << " above the minimum, by theory " << expected << "; biased " << fixed.y.back()
                  << ", by theory 0.125\n";
        holds = holds && std::abs(measured.y.back() / expected - 1) < 0.08 &&
                std::abs(fixed.y.back() / 0.125 - 1) < 1e-6;
    }
    const double slope = std::log(measured.y.back() / measured.y.front()) / std::log(16.0);
    std::cout << "the floor grows as step^" << slope << '\n';
    const Chart chart{.title = "The floor that errors of the gradient put under the loss",
                      .x_label = "step",
                      .y_label = "mean loss above the minimum",
                      .log_x = true,
                      .log_y = true,
                      .series = {measured, theory, fixed}};
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds && slope > 1 && slope < 1.15 ? 0 : 1;
}
