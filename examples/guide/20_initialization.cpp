// SPDX-License-Identifier: MIT
// docs/guide/20_initialization.md
#include <ermine/ermine.hpp>

#include <cmath>
#include <iostream>
#include <vector>

using namespace ermine;
using Eigen::VectorXd;

int main(int count, char** words) {
    // two linear layers, mode by mode: the products a₁b₁, a₂b₂, a₃b₃ are to become 4, 2 and 1
    const std::vector<double> strength{4, 2, 1};
    const auto f = autodiff([](const auto& v) {
        const auto first = 4.0 - v[0] * v[3], second = 2.0 - v[1] * v[4], third = 1.0 - v[2] * v[5];
        return 0.5 * (first * first + second * second + third * third);
    });
    const VectorXd zero = VectorXd::Zero(6);
    const auto there = classify(f, zero);
    std::cout << "where all weights are 0: " << there;

    const double small = 1e-3, step = 1e-3;  // what each product begins at
    Chart chart{.title = "Modes of a linear network, and theory (points)",
                .x_label = "time: steps times their length",
                .y_label = "strength of the mode",
                .series = {{"4", {}, {}}, {"2", {}, {}}, {"1", {}, {}}}};
    std::vector<double> half(3, 0.0);  // when each is half learnt
    const auto watch = [&](const auto& progress) {
        const double time = step * static_cast<double>(progress.iteration());
        for (int k = 0; k < 3; ++k) {
            const double mode = progress.point()[k] * progress.point()[k + 3];
            auto& series = chart.series[static_cast<std::size_t>(k)];
            series.x.push_back(time);
            series.y.push_back(mode);
            if (mode < strength[static_cast<std::size_t>(k)] / 2)
                half[static_cast<std::size_t>(k)] = time;
        }
    };
    const VectorXd start = VectorXd::Constant(6, std::sqrt(small));
    (void)minimize(f, start, FullGradient{} | Constant{step}, MaxIterations{6000}, watch);

    bool holds = there.kind == PointKind::saddle && there.index == 3;
    Series theory{"theory", {}, {}, true};
    for (std::size_t k = 0; k < 3; ++k) {
        const double s = strength[k];
        const double expected = std::log(s / small - 1) / (2 * s);
        std::cout << "mode " << s << " is half learnt at " << half[k] << ", by theory " << expected
                  << '\n';
        holds = holds && std::abs(half[k] / expected - 1) < 0.02;
        for (double t = 0; t < 6; t += 0.1) {
            theory.x.push_back(t);
            theory.y.push_back(s / (1 + (s / small - 1) * std::exp(-2 * s * t)));
        }
    }
    chart.series.push_back(theory);
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds ? 0 : 1;
}
