// SPDX-License-Identifier: MIT
// docs/guide/03_lipschitz.md
#include <ermine/ermine.hpp>

#include <iostream>
#include <limits>

using namespace ermine;
using Eigen::VectorXd;

int main(int count, char** words) {
    const auto [data, truth] = logistic_data({.examples = 500, .features = 10, .seed = 1});
    const Linear model{.features = 10, .intercept = false};
    const auto f = EmpiricalRisk{model, LogisticLoss{}, data} + L2{1e-3};
    const double L = f.smoothness();
    const auto best = minimize(f, f.zero(), newton(), GradientNorm{1e-12});

    // along steps of 1/L: what is left, and what L and μ promise of it
    Series left{"F - F*", {}, {}};
    Series bound{"L |x0 - x*|^2 / 2k", {}, {}};
    Series proof{"certificate", {}, {}};
    VectorXd gradient(f.zero());
    double promised = std::numeric_limits<double>::infinity();  // by the descent lemma
    bool holds = true;
    const auto look = [&](const auto& progress) {
        const double value = f.value_and_gradient(progress.point(), gradient);
        const auto k = static_cast<double>(progress.iteration());
        holds = holds && value <= promised + 1e-13;
        promised = value - gradient.squaredNorm() / (2 * L);
        if (k == 0) return;
        for (Series* s : {&left, &bound, &proof}) s->x.push_back(k);
        left.y.push_back(value - best.value);
        bound.y.push_back(L * best.x.squaredNorm() / (2 * k));
        proof.y.push_back(certify(f, gradient).value);
        holds = holds && left.y.back() <= std::min(bound.y.back(), proof.y.back()) + 1e-13;
    };
    (void)minimize(f, f.zero(), gradient_descent(), MaxIterations{1000}, look);
    for (const std::size_t k : {1U, 10U, 100U, 1000U})
        std::cout << "step " << k << ": " << left.y[k - 1] << " left, at most " << bound.y[k - 1]
                  << " by theory, " << proof.y[k - 1] << " by the certificate\n";

    // L is no guess: a quarter of it is refuted, and there is a function that needs every step
    const Ball region{f.zero(), 10.0};
    const auto report = verify_smoothness(with_lipschitz(f, {.gradient = L / 4}), region);
    std::cout << report << '\n';
    const double kink = 1.0 / 41;  // ½ x² up to there, a line beyond: the worst for 20 steps
    const auto worst = autodiff([&](const auto& x) {
        using std::abs;
        return abs(x[0]) < kink ? 0.5 * x[0] * x[0] : kink * (abs(x[0]) - kink / 2);
    });
    const auto ran =
        minimize(worst, VectorXd{{1}}, FullGradient{} | Constant{1}, MaxIterations{20});
    std::cout << "the worst function: " << ran.value << ", at most " << 1.0 / 82 << '\n';
    holds = holds && report.broken && std::abs(82 * ran.value - 1) < 1e-12;

    const Chart chart{"Steps of 1/L", "iteration", "F - F*", true, true, {left, bound, proof}};
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return holds ? 0 : 1;
}
