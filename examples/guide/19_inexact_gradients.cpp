// SPDX-License-Identifier: MIT
// docs/guide/19_inexact_gradients.md
#include <ermine/ermine.hpp>

#include <cmath>
#include <iostream>

using namespace ermine;
using Eigen::VectorXd;

/// How far above the minimum, 0, gradient descent is on average once it has settled.
static double floor_of(const auto& f, const NoisyOptions& errors, double step) {
    double mean = 0;
    const auto watch = [&](const auto& progress) {
        if (progress.iteration() > 2000) mean += progress.value() / 20000;
    };
    (void)minimize(noisy(f, errors), f.minimum(), FullGradient{} | Constant{step},
                   MaxIterations{22000}, watch);
    return mean;
}

int main(int count, char** words) {
    const VectorXd curvatures = log_spectrum(10, 1, 4);
    const SpectrumQuadratic f(curvatures);
    const NoiseLevels random{.additive = 0.1};
    const NoiseLevels biased{.bias = 0.1};
    const VectorXd logs = VectorXd::LinSpaced(5, std::log(0.004), std::log(0.064));
    Chart chart{"Floors under the value", "step", "F − F*", true, true, {}};
    chart.series = {{"random errors", {}, {}, true}, {"theory", {}, {}}, {"a bias", {}, {}, true}};
    Eigen::ArrayXXd floors(5, 6);  // of five steps, each with six seeds
    bool holds = true;
    for (Index k = 0; k < 5; ++k) {
        const double step = std::exp(logs[k]);
        std::uint64_t seed = 0;
        for (double& one : floors.row(k))
            one = floor_of(f, {.gradient = random, .seed = ++seed}, step);
        const double seen = floors.row(k).mean();
        const double exact = (step * 0.01 / (2 * (2 - step * curvatures.array()))).sum();
        const double most = noise_floor(random, 10, step, 4, 1).total;
        const double fixed = floor_of(f, {.gradient = biased}, step);
        std::cout << "step " << step << ": " << seen << ", by theory " << exact << ", at most "
                  << most << "; with a bias " << fixed << '\n';
        holds = holds && std::abs(seen / exact - 1) < 0.1 && most > exact && most < 1.2 * exact;
        holds = holds && fixed > 0.01 / 8 && fixed <= noise_floor(biased, 10, step, 4, 1).total;
        const double values[] = {seen, exact, fixed};
        for (std::size_t j = 0; j < 3; ++j) {
            chart.series[j].x.push_back(step);
            chart.series[j].y.push_back(values[j]);
        }
    }
    const VectorXd about = logs.array() - logs.mean();
    const Eigen::ArrayXd slopes = floors.log().matrix().transpose() * about / about.squaredNorm();
    const double squares = (slopes - slopes.mean()).square().sum();
    const Estimate slope{slopes.mean(), student_interval(0.95, 5) * std::sqrt(squares / 30)};
    std::cout << "slope of log floor against log step: " << slope << '\n';
    const double change = chart.series[2].y[4] / chart.series[2].y[0] - 1;
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds && slope.lower() > 0.9 && slope.upper() < 1.1 && std::abs(change) < 1e-4 ? 0 : 1;
}
