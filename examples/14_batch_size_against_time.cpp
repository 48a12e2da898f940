// SPDX-License-Identifier: MIT
// How large should a batch be? Twice the examples cost less than twice the time while a call, a
// loop and the threads of a machine are not made use of, and more than they gain once the batch is
// beyond the noise scale B: a step with n examples gains 1/(1 + B/n) of what the best step with all
// of them gains (Goodfellow, Bengio & Courville 2016, section 8.1.3; McCandlish et al. 2018). The
// times are this machine's, and only printed; the gain is measured, and holds on all machines.
#include <cmath>
#include <cstdio>
#include <iostream>

#include <ermine/data/regression_with_outliers.hpp>
#include <ermine/data/with_replacement.hpp>
#include <ermine/diagnostics/advise_batch_size.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>

using namespace ermine;
using Eigen::VectorXd;

int main() {
    const auto [data, truth] = regression_with_outliers(
        {.examples = 16384, .features = 10, .noise = 1, .outliers = 0, .seed = 1});
    const EmpiricalRisk risk{Linear{.features = data.features()}, SquaredLoss{}, data};
    VectorXd theta = risk.zero();
    theta.head(truth.size()) = 0.8 * truth;  // on the way, most of it done

    const BatchAdvice advice = advise_batch_size(risk, theta, {.largest = 4096});
    std::cout << advice;

    // The largest batch that takes at most a quarter longer than one example does.
    std::size_t floor = 0;
    while (floor + 1 < advice.sizes.size() && advice.seconds[floor + 1] < 1.25 * advice.seconds[0])
        ++floor;
    std::cout << "a batch of " << advice.sizes[floor] << " takes hardly longer than one of 1; "
              << "advised here: " << advice.size() << "\n\n";

    // Along −g the risk, a quadratic, falls by t gᵀ∇F − ½ t² gᵀHg. With the best t for batches of n
    // the mean fall is ½ (mean gᵀ∇F)² / mean gᵀHg.
    VectorXd exact(theta.size());
    risk.value_and_gradient(theta, exact);
    Eigen::MatrixXd H(theta.size(), theta.size());
    risk.hessian(theta, H);
    const double best = std::pow(exact.squaredNorm(), 2) / exact.dot(H * exact);
    bool as_theory_says = true;
    std::printf("   batch  gain of a step  1/(1 + B/n)  gain an example\n");
    for (const Index n : {1, 4, 16, 64, 256, 1024, 4096}) {
        const WithReplacement sampler{.seed = 2};
        auto state = sampler.start(risk.examples());
        VectorXd g(theta.size());
        double along = 0;
        double curved = 0;
        const Index draws = n <= 64 ? 20000 : 4000;
        for (Index k = 0; k < draws; ++k) {
            risk.value_and_gradient(theta, sampler.draw(state, n), g);
            along += g.dot(exact) / static_cast<double>(draws);
            curved += g.dot(H * g) / static_cast<double>(draws);
        }
        const double gain = along * along / curved / best;
        const double theory = 1 / (1 + advice.noise_scale / static_cast<double>(n));
        std::printf("%8d  %14.4f  %11.4f  %15.6f\n", static_cast<int>(n), gain, theory,
                    gain / static_cast<double>(n));
        as_theory_says = as_theory_says && std::abs(gain / theory - 1) < 0.05;
    }
    return as_theory_says ? 0 : 1;
}
