// SPDX-License-Identifier: MIT
// docs/guide/20_initialization.md
#include <ermine/ermine.hpp>

#include <cmath>
#include <iostream>

using namespace ermine;
using Eigen::MatrixXd, Eigen::VectorXd;

int main(int count, char** words) {
    // when does a deep linear autoencoder learn each direction, from 10⁻³ of the identity?
    const VectorXd variances = VectorXd{{4, 2, 1, 0.5}};
    const Dataset inputs{MatrixXd((4 * variances).cwiseSqrt().asDiagonal()), VectorXd::Zero(4)};
    const Dense linear{.units = 4, .bias = false};
    const EmpiricalRisk code{network(4, linear, linear), reconstruction(SquaredLoss{}), inputs};
    const VectorXd start = MatrixXd::Identity(4, 4).replicate(1, 2).reshaped() * std::sqrt(1e-3);
    Chart chart{"What a linear autoencoder has learnt", "time", "strength", false, false, {}};
    for (const char* name : {"variance 4", "variance 2", "variance 1", "variance 0.5"})
        chart.series.push_back({name, {}, {}, true});
    chart.series.resize(8);  // the latter half for the theory
    double worst = 0;
    const auto watch = [&](const auto& progress) {
        if (progress.iteration() % 50 != 0) return;
        const double time = 0.002 * static_cast<double>(progress.iteration());
        const double* theta = progress.point().data();
        const MatrixXd map = MatrixXd::Map(theta, 4, 4) * MatrixXd::Map(theta + 16, 4, 4);
        for (Index i = 0; i < 4; ++i) {
            const double theory = 1 / (1 + 999 * std::exp(-2 * variances[i] * time));
            worst = std::max(worst, std::abs(map(i, i) - theory));
            for (const Index k : {i, i + 4}) {
                chart.series.begin()[k].x.push_back(time);
                chart.series.begin()[k].y.push_back(k < 4 ? map(i, i) : theory);
            }
        }
    };
    (void)minimize(code, start, FullGradient{} | Constant{0.002}, MaxIterations{5000}, watch);
    // where does descent lead from units that are all alike, and from random ones?
    const EmpiricalRisk risk{network(2, dense(8), tanh(), dense(1)), LogisticLoss{},
                             two_moons({.examples = 200, .noise = 0.1, .seed = 3})};
    const auto by = FullGradient{} | Momentum{.decay = 0.9} | Constant{0.3};
    const MaxIterations rule{1500};
    const VectorXd goal = minimize(risk, initialize(risk, Glorot{}, 100), by, rule).x;
    bool alike = true;
    for (const double all : {0.0, 0.5}) {
        const VectorXd from = VectorXd::Constant(goal.size(), all);
        const MatrixXd units = minimize(risk, from, by, rule).x.head(16).reshaped(2, 8);
        const auto way = local_to_global(risk, from, goal, by, rule);
        alike = alike && (units.colwise() - units.col(0)).isZero(0) && !way.arrives;
        std::cout << "all weights " << all << ": " << way;
    }
    int arrive = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed)
        arrive += local_to_global(risk, initialize(risk, Glorot{}, seed), goal, by, rule).arrives;
    std::cout << arrive << " of 10 random beginnings lead to the goal; autoencoder within " << worst
              << " of the theory\n";
    if (count > 1) std::cout << draw(chart, {.path = words[1]});
    return worst < 0.02 && alike && arrive >= 8 ? 0 : 1;
}
