// SPDX-License-Identifier: MIT
// docs/guide/09_batch_size.md
#include <ermine/ermine.hpp>

#include <cmath>
#include <iostream>

using namespace ermine;

int main(int count, char** words) {
    const auto [data, truth] =
        regression_with_outliers({.examples = 2000, .features = 10, .outliers = 0, .seed = 1});
    const EmpiricalRisk risk{Linear{.features = 10}, SquaredLoss{}, data};
    Eigen::VectorXd theta = risk.zero(), g = theta;
    theta.head(truth.size()) = 0.5 * truth;  // on the way
    const auto statistics = gradient_statistics(risk, theta);
    const double B = *statistics.curved_noise_scale;

    std::vector<std::int32_t> twice(4000);  // the same examples twice
    for (std::int32_t i = 0; auto& row : twice) row = i++ % 2000;
    const EmpiricalRisk doubled{risk.model(), SquaredLoss{}, data.select(twice)};
    const auto again = gradient_statistics(doubled, theta);
    std::cout << "doubled: redundancy " << again.redundancy() << ", noise scale "
              << *again.curved_noise_scale << ", before " << B << '\n';
    // the mean fall of a step −t g with the best t is ½ (mean gᵀ∇F)² / mean gᵀHg
    Eigen::MatrixXd H(theta.size(), theta.size());
    risk.hessian(theta, H);
    const auto& full = statistics.gradient;
    std::vector<double> size, gain, theory, inverse_size, inverse_gain;
    for (Index b = 1; b <= 256; b *= 2) {
        auto state = WithReplacement{.seed = 2}.start(risk.examples());
        double along = 0, curved = 0;
        for (Index k = 0; k < 400000 / b; ++k) {
            risk.value_and_gradient(theta, WithReplacement{}.draw(state, b), g);
            along += g.dot(full);
            curved += g.dot(H * g);
        }
        size.push_back(static_cast<double>(b));
        gain.push_back(along * along / curved / static_cast<double>(400000 / b) *
                       full.dot(H * full) / std::pow(full.norm(), 4));
        theory.push_back(statistics.efficiency(b));
        inverse_size.push_back(1 / size.back());
        inverse_gain.push_back(1 / gain.back());
    }
    const LineFit line = fit_line(inverse_size, inverse_gain);  // 1/gain = 1 + B/b
    const BatchAdvice advice = advise_batch_size(risk, theta, {.largest = 1024});
    std::cout << "1/gain = " << line.intercept << " + (" << line.slope << ")/b\n" << advice;
    const Chart chart{.title = "What a step with b examples gains",
                      .x_label = "batch size b",
                      .y_label = "share of the full gradient's gain",
                      .log_x = true,
                      .series = {{"measured", size, gain, true}, {"1/(1 + B/b)", size, theory}}};
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    const bool nothing_new =
        again.redundancy() == 0.5 && std::abs(*again.curved_noise_scale / B - 1) < 1e-9;
    const bool as_theory = std::abs(line.slope.value / B - 1) < 0.02;
    return nothing_new && as_theory && std::abs(line.intercept.value - 1) < 0.05 ? 0 : 1;
}
