// SPDX-License-Identifier: MIT
// Batches that grow. With a constant step and batches of a constant size, gradient descent stalls:
// the noise of the gradient stays, and is all that is left near the minimum (Goodfellow, Bengio &
// Courville 2016, section 8.3.1). Where the batches grow as the gradient gets shorter, the method
// converges linearly at the same constant step (Friedlander & Schmidt 2012), for fewer examples
// than full gradients need. They may grow by a plan or by a test of the noise (Byrd et al. 2012).
#include <array>
#include <cmath>
#include <iomanip>
#include <iostream>
#include <limits>

#include <ermine/data/logistic_data.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/estimators/growing_minibatch.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/estimators/norm_test_minibatch.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/gradient_norm.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/newton_methods.hpp>
#include <ermine/steps/constant.hpp>

using namespace ermine;

constexpr std::array accuracies{1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8};

/// How many examples a method has used when its risk is first within each accuracy of the least;
/// infinitely many where that does not happen in 200 epochs.
using Costs = std::array<double, accuracies.size()>;

Costs costs_of(const auto& risk, double least, const auto& method) {
    Costs costs;
    costs.fill(std::numeric_limits<double>::infinity());
    std::size_t reached = 0;
    double next_look = 0;
    // The risk of all examples is looked at now and then: after each percent more of examples.
    const auto all_reached = [&](const auto& progress) {
        const auto used = static_cast<double>(progress.counts().examples);
        if (used < next_look) return false;
        next_look = 1.01 * used;
        const double above = risk.value(progress.point()) - least;
        while (reached < accuracies.size() && above <= accuracies[reached]) costs[reached++] = used;
        return reached == accuracies.size();
    };
    (void)minimize(risk, risk.zero(), method, first_of(MaxEpochs{200}, all_reached));
    return costs;
}

int main() {
    const auto [data, truth] =
        logistic_data({.examples = 20000, .features = 5, .condition = 4, .margin = 1.5, .seed = 1});
    const EmpiricalRisk risk{Linear{.features = data.features()}, LogisticLoss{}, data};
    const double least = minimize(risk, risk.zero(), newton(), GradientNorm{1e-12}).value;

    const Constant step{2};
    const ShuffledEachEpoch sampler{.seed = 2};
    const Costs fixed = costs_of(risk, least, minibatch(sampler, {.size = 16}) | step);
    const Costs larger = costs_of(risk, least, minibatch(sampler, {.size = 256}) | step);
    const Costs planned = costs_of(
        risk, least, growing_minibatch(sampler, {.initial = 16, .factor = 2, .epochs = 1}) | step);
    const Costs tested =
        costs_of(risk, least, norm_test_minibatch(sampler, {.initial = 16, .theta = 0.9}) | step);
    const Costs full = costs_of(risk, least, FullGradient{} | step);

    std::cout << "20000 examples, step 2: examples used until the risk is so near the least\n"
              << "above the least    fixed 16   fixed 256     doubled   norm test        full\n";
    for (std::size_t k = 0; k < accuracies.size(); ++k) {
        std::cout << std::setw(15) << accuracies[k];
        for (const double cost : {fixed[k], larger[k], planned[k], tested[k], full[k]})
            if (std::isfinite(cost))
                std::cout << std::setw(12) << std::llround(cost);
            else
                std::cout << std::setw(12) << "never";
        std::cout << '\n';
    }

    // constant batches stall, the larger ones later
    bool as_theory_says = std::isinf(fixed[3]) && std::isinf(larger[4]);
    // each further hundredth of the error takes about as many examples as the one before it, and
    // fewer than full gradients take in all; the first digits are far cheaper
    for (const Costs& growing : {planned, tested})
        as_theory_says = as_theory_says && growing[7] < full[7] && 20 * growing[1] < full[1] &&
                         growing[7] - growing[5] < 2 * (growing[5] - growing[3]);
    return as_theory_says ? 0 : 1;
}
