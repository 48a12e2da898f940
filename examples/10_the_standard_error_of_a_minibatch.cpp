// SPDX-License-Identifier: MIT
// How good is the gradient of a minibatch? Its standard error over n independent examples is σ/√n
// (Goodfellow, Bengio & Courville 2016, eq. 5.46), and √((N − n)/(N − 1)) times that if no example
// out of N is drawn twice. So returns are less than linear: 10,000 examples cost 100 times as much
// as 100, and have a tenth of their error (section 8.1.3).
#include <cmath>
#include <iomanip>
#include <iostream>

#include <ermine/data/logistic_data.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/data/with_replacement.hpp>
#include <ermine/diagnostics/gradient_statistics.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>

using namespace ermine;
using Eigen::VectorXd;

/// The root mean square of ‖gradient over a batch − gradient over all examples‖, by 2000 batches.
double measured_error(const auto& risk, const VectorXd& theta, const auto& sampler, Index size) {
    VectorXd exact(theta.size());
    risk.value_and_gradient(theta, exact);
    VectorXd estimate(theta.size());
    auto state = sampler.start(risk.examples());
    double sum = 0;
    const int batches = 2000;
    for (int k = 0; k < batches;) {
        const Batch batch = sampler.draw(state, size);
        if (static_cast<Index>(batch.size()) < size) continue;  // what was left of an epoch
        risk.value_and_gradient(theta, batch, estimate);
        sum += (estimate - exact).squaredNorm();
        ++k;
    }
    return std::sqrt(sum / batches);
}

int main() {
    const Index N = 10000;
    const auto [data, truth] =
        logistic_data({.examples = N, .features = 4, .condition = 4, .seed = 1});
    const EmpiricalRisk risk{Linear{.features = data.features()}, LogisticLoss{}, data};
    const VectorXd theta = risk.zero();

    // one pass over the examples tells σ, and with it the error for all sizes
    const GradientStatistics statistics = gradient_statistics(risk, theta);
    std::cout << "gradient of length " << statistics.norm << ", sigma " << statistics.deviation
              << " an example\n\n"
              << "             with replacement       without replacement\n"
              << "     n     measured   σ/√n      measured   σ/√n √((N−n)/(N−1))\n"
              << std::fixed << std::setprecision(5);

    bool as_theory_says = true;
    double error_of_100 = 0;
    double error_of_10000 = 0;
    for (const Index n : {1, 4, 16, 64, 100, 256, 1024, 4096, 10000}) {
        const double with = measured_error(risk, theta, WithReplacement{.seed = 2}, n);
        const double without = measured_error(risk, theta, ShuffledEachEpoch{.seed = 3}, n);
        const double theory = statistics.standard_error(n);
        const double theory_without = statistics.standard_error_without_replacement(n);
        std::cout << std::setw(6) << n << std::setw(13) << with << std::setw(10) << theory
                  << std::setw(12) << without << std::setw(10) << theory_without << '\n';
        if (n == 100) error_of_100 = with;
        if (n == 10000) error_of_10000 = with;
        as_theory_says = as_theory_says && std::abs(with - theory) < 0.05 * theory &&
                         std::abs(without - theory_without) < 0.05 * theory_without + 1e-12;
    }

    const double gain = error_of_100 / error_of_10000;
    std::cout << std::setprecision(2) << "\n100 times as many examples: " << gain
              << " times less error\n";
    return as_theory_says && std::abs(gain - 10) < 0.5 ? 0 : 1;
}
