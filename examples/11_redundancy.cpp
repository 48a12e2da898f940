// SPDX-License-Identifier: MIT
// Redundancy. Were all m examples of a training set copies of one, a single example would give the
// gradient of them all, for a fraction 1/m of the work (Goodfellow, Bengio & Courville 2016,
// section 8.1.3). Here 256 different examples are repeated more and more often. The risk stays the
// same function; full gradients need Θ(m) examples to bring it down, minibatches Θ(1).
#include <cmath>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <vector>

#include <ermine/data/logistic_data.hpp>
#include <ermine/data/with_replacement.hpp>
#include <ermine/diagnostics/gradient_statistics.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/solvers/gradient_methods.hpp>
#include <ermine/solvers/gradient_norm.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/newton_methods.hpp>
#include <ermine/solvers/stochastic_methods.hpp>

using namespace ermine;

int main() {
    const Index distinct = 256;
    const auto [data, truth] = logistic_data(
        {.examples = distinct, .features = 5, .condition = 4, .margin = 1.5, .seed = 2});
    const Linear model{.features = data.features()};
    const EmpiricalRisk risk{model, LogisticLoss{}, data};
    const double least = minimize(risk, risk.zero(), newton(), GradientNorm{1e-10}).value;
    const double goal = least + 0.01;
    std::cout << "256 different examples, least risk " << least << ", goal " << goal << "\n\n"
              << "               examples used to reach the goal\n"
              << "       m    redundancy    full gradients    minibatches of 8\n";

    // the loop counts the examples whose gradient was taken; to look at the risk costs nothing here
    const auto reached = [&](const auto& progress) { return risk.value(progress.point()) <= goal; };

    std::vector<double> full;
    std::vector<double> sampled;
    for (const Index copies : {1, 4, 16, 64, 256}) {
        std::vector<std::int32_t> rows;
        for (Index i = 0; i < distinct * copies; ++i)
            rows.push_back(static_cast<std::int32_t>(i % distinct));
        const EmpiricalRisk repeated{model, LogisticLoss{}, data.select(rows)};

        const auto descent = minimize(repeated, risk.zero(), gradient_descent(), reached);
        full.push_back(static_cast<double>(descent.counts.examples));

        double examples = 0;  // the mean over ten orders of the examples
        for (std::uint64_t seed = 0; seed < 10; ++seed) {
            const auto method = minibatch(WithReplacement{seed}, {.size = 8}) | Constant{0.2};
            const auto run = minimize(repeated, risk.zero(), method, reached);
            examples += static_cast<double>(run.counts.examples) / 10;
        }
        sampled.push_back(examples);

        const auto statistics = gradient_statistics(repeated, risk.zero());
        std::cout << std::setw(8) << repeated.examples() << std::setw(14) << statistics.redundancy()
                  << std::setw(18) << full.back() << std::setw(20) << sampled.back() << '\n';
    }

    // the worst case: copies of one example have no variance, and one is as good as all
    const std::vector<std::int32_t> same(1000, 0);
    const EmpiricalRisk copies{model, LogisticLoss{}, data.select(same)};
    const auto statistics = gradient_statistics(copies, risk.zero());
    std::cout << "\n1000 copies of one example: sigma " << statistics.deviation
              << ", returns diminish beyond batches of " << statistics.diminishing_returns()
              << '\n';

    bool as_theory_says = statistics.deviation < 1e-12 && statistics.diminishing_returns() == 1;
    for (std::size_t k = 1; k < full.size(); ++k) {
        // the same steps on copies, up to rounding: each costs four times as much
        as_theory_says = as_theory_says && std::abs(full[k] / full[k - 1] - 4) < 0.2;
        // the same draws up to chance
        as_theory_says = as_theory_says && std::abs(sampled[k] / sampled[0] - 1) < 0.5;
    }
    return as_theory_says && full.back() > 100 * sampled.back() ? 0 : 1;
}
