// SPDX-License-Identifier: MIT
// One class against the rest is the fits that it stands for, and the multiclass support vector
// machine closes its gap.
#include <ermine_catch.hpp>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/crammer_singer.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/crammer_singer_dual.hpp>
#include <ermine/solvers/linear_newton_cg.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/one_vs_rest.hpp>

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <vector>

using namespace ermine;

namespace {

constexpr Index n = 300;
constexpr Index d = 5;
constexpr Index classes = 4;

struct Sample {
    Eigen::MatrixXd x{n, d};
    Eigen::VectorXd y{n};
    Eigen::VectorXd weights{n};

    Sample() {
        Random random(11);
        const Eigen::MatrixXd w =
            Eigen::MatrixXd::NullaryExpr(d, classes, [&] { return random.normal(); });
        for (Index i = 0; i < n; ++i) {
            for (Index j = 0; j < d; ++j) x(i, j) = static_cast<float>(random.normal());
            Index best = 0;
            (x.row(i) * w +
             1.5 * Eigen::RowVectorXd::NullaryExpr(classes, [&] {
                 return random.normal();
             })).maxCoeff(&best);
            y[i] = static_cast<double>(best);
            weights[i] = i % 7 == 0 ? 0 : 1 + random.uniform();
        }
    }
};

}  // namespace

TEST_CASE("one class against the rest is a fit a class over the same rows") {
    const Sample s;
    const Dataset data{s.x, s.y};
    const auto solve = [](const auto& f, const auto& x0) {
        return minimize(f, x0, LinearNewtonCG{}, first_of(RelativeGap{1e-9}, MaxIterations{60}));
    };
    const auto fit =
        fit_one_vs_rest(LinearMulticlass{d, classes, true}, LogisticLoss{}, data, L2{1e-2}, solve);
    CHECK(fit.converged());
    for (Index k = 0; k < classes; ++k) {
        const Eigen::VectorXd y =
            (s.y.array() == static_cast<double>(k)).select(Eigen::ArrayXd::Ones(n), -1.0);
        const EmpiricalRisk risk{Linear{d, true}, LogisticLoss{}, Dataset{s.x, y}};
        const auto own = solve(risk + L2{1e-2}, risk.zero());
        for (Index j = 0; j <= d; ++j) CHECK(fit.parameters[j * classes + k] == own.x[j]);
    }
    CHECK_THROWS_AS(
        fit_one_vs_rest(LinearMulticlass{d, 3, true}, LogisticLoss{}, data, L2{1e-2}, solve),
        std::invalid_argument);
}

TEST_CASE("the dual of Crammer and Singer's machine closes the gap") {
    const Sample s;
    const LinearMulticlass model{d, classes, false};
    const auto run = [&](const auto& data) {
        const EmpiricalRisk risk{model, CrammerSingerLoss{}, data};
        const auto f = risk + L2{1e-2};
        const auto result = minimize(f, risk.zero(), CrammerSingerDual{.accuracy = 1e-8},
                                     first_of(RelativeGap{1e-8}, MaxIterations{20000}));
        CHECK(result.converged());
        CHECK(std::abs(f.value(result.x) - result.value) <= 1e-14);
        CHECK(result.certificate.value <= 1e-8 * result.value);
        return result;
    };
    const auto result = run(Dataset{s.x, s.y});
    // no direction leads down from there
    const auto f = EmpiricalRisk{model, CrammerSingerLoss{}, Dataset{s.x, s.y}} + L2{1e-2};
    Random random(2);
    for (int k = 0; k < 20; ++k) {
        const Eigen::VectorXd step =
            Eigen::VectorXd::NullaryExpr(result.x.size(), [&] { return 1e-2 * random.normal(); });
        CHECK(f.value(result.x + step) >= result.value * (1 - 1e-8));
    }
    // an example of weight 0 is none
    const auto weighted = run(Dataset{s.x, s.y, s.weights});
    std::vector<std::int32_t> rest;
    for (std::int32_t i = 0; i < n; ++i)
        if (s.weights[i] > 0) rest.push_back(i);
    const auto without = run(Dataset{s.x, s.y, s.weights}.select(rest));
    CHECK(std::abs(weighted.value - without.value) <= 2e-8 * weighted.value);
    const EmpiricalRisk risk{model, CrammerSingerLoss{}, Dataset{s.x, s.y}};
    CHECK_THROWS_AS(minimize(risk, risk.zero(), CrammerSingerDual{}), std::invalid_argument);
}
