// SPDX-License-Identifier: MIT
// docs/guide/10_shuffling.md
#include <ermine/ermine.hpp>

#include <algorithm>
#include <iostream>
#include <numeric>

using namespace ermine;

int main(int count, char** words) {
    const auto [data, truth] = regression_with_outliers(
        {.examples = 256, .features = 4, .noise = 1, .outliers = 0, .seed = 1});
    std::vector<std::int32_t> order(256);
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(),
              [y = data.targets()](auto i, auto j) { return y[i] < y[j]; });
    const EmpiricalRisk risk{Linear{.features = 4}, SquaredLoss{}, data.select(order)};
    const auto best = minimize(risk, risk.zero(), newton(), GradientNorm{1e-10}).x;

    Chart chart{.title = "How far from the minimum, by the order of 256 examples",
                .x_label = "epochs",
                .y_label = "mean squared distance",
                .log_x = true,
                .log_y = true};
    const std::vector<double> epochs{4, 8, 16, 32, 64, 128};
    // the mean over seeds after k epochs of steps in proportion to 1/k, one example each, and
    // minus the power of k with which it falls; each point has seeds of its own
    const auto power = [&](const char* name, auto sampler, int seeds) {
        std::vector<double> error;
        for (const double k : epochs) {
            error.push_back(0);
            for (int s = 0; s < seeds; ++s) {
                if constexpr (requires { sampler.seed; }) ++sampler.seed;
                const auto method =
                    minibatch(sampler, {.size = 1}) | InverseTime{.initial = 0.1, .decay = 8};
                const auto end = minimize(risk, risk.zero(), method, MaxEpochs{k});
                error.back() += (end.x - best).squaredNorm() / seeds;
            }
        }
        chart.series.push_back({name, epochs, error});
        const Estimate slope = fit_power_law(epochs, error).slope;
        std::cout << name << ": epochs to the power " << slope << ", at last " << error.back()
                  << '\n';
        return slope;
    };
    const auto near = [](const Estimate& slope, double theory) {
        return std::abs(slope.value - theory) < 0.2 && slope.error < 0.2;
    };
    bool holds = near(power("sorted", Sequential{}, 1), -2);
    holds = near(power("drawn with replacement", WithReplacement{}, 50), -1) && holds;
    holds = near(power("shuffled once", ShuffledOnce{}, 50), -2) && holds;
    holds = near(power("shuffled each epoch", ShuffledEachEpoch{}, 50), -3) && holds;
    holds = holds && chart.series[0].y.back() > 5 * chart.series[2].y.back();  // sorted, once
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds ? 0 : 1;
}
