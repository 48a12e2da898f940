// SPDX-License-Identifier: MIT
// docs/guide/08_minibatches.md
#include <ermine/ermine.hpp>

#include <iostream>

using namespace ermine;
using Eigen::VectorXd;

int main(int count, char** words) {
    const Index N = 2000;
    const auto [data, truth] = logistic_data({.examples = N, .features = 4, .seed = 1});
    const EmpiricalRisk risk{Linear{.features = 4}, LogisticLoss{}, data};
    const VectorXd theta = risk.zero();
    const GradientStatistics statistics = gradient_statistics(risk, theta);

    // the root mean square of ‖gradient of a batch − gradient of all‖, over 1000 batches
    const auto error_of = [&](const auto& sampler, Index size) {
        auto state = sampler.start(N);
        VectorXd estimate(theta.size());
        double sum = 0;
        for (int batches = 0; batches < 1000;) {
            const Batch batch = sampler.draw(state, size);
            if (std::ssize(batch) < size) continue;  // what was left of an epoch
            risk.value_and_gradient(theta, batch, estimate);
            sum += (estimate - statistics.gradient).squaredNorm() / 1000;
            ++batches;
        }
        return std::sqrt(sum);
    };
    Series with{"with replacement", {}, {}, true};
    Series without{"without replacement", {}, {}, true};
    Series theory{"sigma / sqrt(n)", {}, {}};
    Series corrected{"sigma / sqrt(n) sqrt((N - n) / (N - 1))", {}, {}};
    bool holds = true;
    std::cout << "batch   with replacement, σ/√n   without, corrected\n";
    std::uint64_t seed = 0;
    for (Index n = 1; n < N; n *= 2) {
        ++seed;
        for (Series* s : {&with, &without, &theory, &corrected})
            s->x.push_back(static_cast<double>(n));
        with.y.push_back(error_of(WithReplacement{.seed = seed}, n));
        without.y.push_back(error_of(ShuffledEachEpoch{.seed = seed}, n));
        theory.y.push_back(statistics.standard_error(n));
        corrected.y.push_back(statistics.standard_error_without_replacement(n));
        std::cout << n << "   " << with.y.back() << ", " << theory.y.back() << "   "
                  << without.y.back() << ", " << corrected.y.back() << '\n';
        holds = holds && std::abs(with.y.back() / theory.y.back() - 1) < 0.08 &&
                std::abs(without.y.back() / corrected.y.back() - 1) < 0.08;
    }
    const Estimate slope = fit_power_law(with.x, with.y).slope;
    std::cout << "log error against log size: slope " << slope << ", -1/2 by theory\n";
    holds = holds && slope.lower() < -0.5 && slope.upper() > -0.5 && slope.error < 0.02;

    const Chart chart{"Error of a minibatch gradient",   "batch", "error", true, true,
                      {with, without, theory, corrected}};
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds ? 0 : 1;
}
