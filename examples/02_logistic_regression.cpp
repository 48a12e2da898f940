// SPDX-License-Identifier: MIT
// Logistic regression: an empirical risk is a model, a loss and data; a penalty is added to it.
// Newton's method on the training part, the error on examples that it has not seen.
#include <ermine/ermine.hpp>

#include <iostream>

using namespace ermine;

int main() {
    // labels ±1 drawn with P(y = +1 | x) = 1 / (1 + exp(−xᵀw)); read_libsvm and read_csv read files
    const auto [data, truth] = logistic_data({.examples = 20000, .features = 10, .seed = 1});
    const auto [train, test] = split(data, {.holdout = 0.25, .seed = 2});

    const Linear model{.features = train.features()};
    const auto risk = EmpiricalRisk{model, LogisticLoss{}, train} + L2{1e-6};
    const auto fitted = minimize(risk, risk.zero(), newton(), GradientNorm{1e-10});
    std::cout << fitted;

    // fitted.x is [w; b]: the weights, then the intercept
    const auto weights = fitted.x.head(model.features);
    std::cout << "distance to the planted weights: " << (weights - truth).norm() / truth.norm()
              << " of their length\n";

    const EmpiricalRisk errors{model, ZeroOneLoss{}, test};
    const RiskEstimate ours = estimate_risk(errors, fitted.x);
    Eigen::VectorXd planted = errors.zero();
    planted.head(model.features) = truth;
    const RiskEstimate best = estimate_risk(errors, planted);
    std::cout << "0-1 error: " << ours << "; of the planted weights: " << best << '\n';

    // as good as the model that made the data, up to twice the standard error
    const bool as_good = ours.mean <= best.mean + 2 * best.standard_error;
    return fitted.converged() && as_good ? 0 : 1;
}
