// SPDX-License-Identifier: MIT
// Gaps, learning curves, early stopping and comparisons, where theory says what they are.
#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/data/sequences.hpp>
#include <ermine/diagnostics/compare_models.hpp>
#include <ermine/diagnostics/early_stopping.hpp>
#include <ermine/diagnostics/generalization_gap.hpp>
#include <ermine/diagnostics/risk_against_size.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/network.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/estimate_risk.hpp>
#include <ermine/objectives/sequence_risk.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/patience.hpp>
#include <ermine/steps/constant.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// y = xᵀ1 + ε with x and ε standard normal.
Dataset<DenseRows<double>> regression(Index n, Index d, std::uint64_t seed, double noise = 1) {
    Random random{seed};
    MatrixXd x(n, d);
    for (Index i = 0; i < x.size(); ++i) x.data()[i] = random.normal();
    VectorXd y = x.rowwise().sum();
    for (Index i = 0; i < n; ++i) y[i] += noise * random.normal();
    return {x, y};
}

Linear plain(Index d) { return {.features = d, .intercept = false}; }

/// Least squares by the normal equations.
const auto least_squares = [](const auto& risk) {
    const Index d = risk.parameters();
    MatrixXd hessian(d, d);
    VectorXd g(d);
    const VectorXd zero = VectorXd::Zero(d);
    risk.hessian(zero, hessian);
    risk.value_and_gradient(zero, g);
    return VectorXd(-hessian.llt().solve(g));
};

}  // namespace

TEST_CASE("the gap of least squares on normal data is what theory says, and falls as 1/n") {
    // E train = c (1 − d/n), E test = c (1 + d/(n − d − 1)), c what the loss makes of the noise
    const Index d = 5;
    const double c = SquaredLoss{}.value(1.0, 0.0);
    const auto data = regression(3000, d, 3);
    const std::vector<Index> sizes{25, 50, 100, 200};
    const auto curve = risk_against_size(plain(d), SquaredLoss{}, data, least_squares,
                                         {.sizes = sizes, .repeats = 150, .holdout = 0.5});
    for (std::size_t k = 0; k < sizes.size(); ++k) {
        const auto n = static_cast<double>(sizes[k]);
        INFO(sizes[k] << " examples\n" << curve);
        const double train = c * (1 - 5 / n);
        const double test = c * (1 + 5 / (n - 6));
        // the 3000 examples are themselves a sample: their noise is known within c √(2/3000)
        const double sample = 2 * c * std::sqrt(2.0 / 3000);
        CHECK(std::abs(curve.train[k].value - train) < 1.5 * curve.train[k].error + sample);
        CHECK(std::abs(curve.test[k].value - test) < 1.5 * curve.test[k].error + sample);
        CHECK(std::abs(curve.gap[k].value - (test - train)) < 1.5 * curve.gap[k].error + 0.02 * c);
    }
    // between these sizes the formula itself falls by a little more than 1/n
    CHECK(curve.slope.value == Approx(-1.05).margin(0.12));
    CHECK(curve.slope.error < 0.2);
    CHECK(curve.gap_at(400) == Approx(curve.gap.back().value * std::pow(2, curve.slope.value)));
    CHECK(curve.explain().find("the gap falls as n^") == 0);

    // the same by table: c nᵇ gives b, to the last digit
    MatrixXd test(3, 4);
    for (Index r = 0; r < 3; ++r)
        for (Index k = 0; k < 4; ++k)
            test(r, k) =
                2 + 3 * std::pow(static_cast<double>(sizes[static_cast<std::size_t>(k)]), -0.5);
    const auto exact = SizeCurve::of(sizes, MatrixXd::Constant(3, 4, 2), test);
    CHECK(exact.slope.value == Approx(-0.5).epsilon(1e-10));
    CHECK(exact.slope.error < 1e-10);
    const auto none = SizeCurve::of(sizes, test, test);
    CHECK(std::isnan(none.slope.value));
    CHECK(none.explain().find("no gap is left") != std::string::npos);

    CHECK_THROWS_WITH(SizeCurve::of(sizes, test, MatrixXd::Zero(3, 2)),
                      contains("tables of 3 x 4 and 3 x 2 risks for 4 sizes"));
    const auto refused = [&](const SizeCurveOptions& how, const char* why) {
        CHECK_THROWS_WITH(risk_against_size(plain(d), SquaredLoss{}, data, least_squares, how),
                          contains(why));
    };
    refused({.sizes = {10, 3000}}, "the size 3000 out of 2250 examples, with 750 held out");
    refused({.sizes = {10, 10}}, "give increasing sizes");
    refused({.sizes = {10}}, "at least two sizes");
    refused({.repeats = 1}, "SizeCurveOptions.repeats is 1");
    refused({.holdout = 1}, "SizeCurveOptions.holdout is 1");
    CHECK_THROWS_WITH(
        risk_against_size(plain(d), SquaredLoss{}, data,
                          [](const auto& risk) {
                              return VectorXd(VectorXd::Constant(
                                  risk.parameters(), std::numeric_limits<double>::infinity()));
                          }),
        contains("a risk that is not finite"));
}

TEST_CASE("the gap is watched with the standard errors of both risks") {
    // more unknowns than the noise allows: descent overfits in the end
    const auto train = regression(40, 30, 5, 3);
    const auto validation = regression(400, 30, 6, 3);
    const EmpiricalRisk risk{plain(30), SquaredLoss{}, train};
    const EmpiricalRisk held_out{plain(30), SquaredLoss{}, validation};
    const auto method = FullGradient{} | Constant{.size = 0.1};
    GeneralizationGap gap(risk, held_out);
    GeneralizationGap rare(risk, held_out, {.every = 100});
    const VectorXd zero = VectorXd::Zero(30);
    const auto run = minimize(risk, zero, method, MaxIterations{550}, gap, rare);
    REQUIRE(gap.points().size() == 551);
    CHECK(rare.points().size() == 7);  // 0, 100, …, 500, and the end
    const auto& last = gap.points().back();
    CHECK(last.train == Approx(risk.value(run.x)));
    CHECK(last.validation == Approx(held_out.value(run.x)));
    CHECK(last.validation_error == Approx(estimate_risk(held_out, run.x).standard_error));
    CHECK(last.gap_error() == Approx(std::hypot(estimate_risk(risk, run.x).standard_error,
                                                estimate_risk(held_out, run.x).standard_error)));
    CHECK(gap.gap().value == last.gap());
    CHECK(gap.overfits());
    CHECK(gap.rise().value == Approx(last.validation - gap.best().validation));
    // pairs are told apart better than risks
    CHECK(gap.rise().error < 1.96 * last.validation_error);
    CHECK(gap.explain().find("overfits: since epoch") == 0);
    std::ostringstream text;
    text << gap;
    CHECK(text.str().find("     550") != std::string::npos);

    // what patience does is what it would have done
    for (const int epochs : {1, 20}) {
        const auto stopped =
            minimize(risk, zero, method,
                     first_of(patience(held_out, {.epochs = epochs}), MaxIterations{550}));
        const EarlyStopping would = gap.early_stopping({.epochs = epochs});
        CHECK(would.stops);
        CHECK(would.stopped_epoch == static_cast<double>(stopped.iterations));
        CHECK(would.answer == Approx(held_out.value(stopped.x)));
        CHECK(would.best == gap.best().validation);
        CHECK(would.regret() >= 0);
    }

    // two parameters, many examples: no gap beyond its error
    const EmpiricalRisk easy{plain(2), SquaredLoss{}, regression(4000, 2, 7)};
    const EmpiricalRisk judge{plain(2), SquaredLoss{}, regression(4000, 2, 8)};
    GeneralizationGap small(easy, judge);
    (void)minimize(easy, VectorXd(VectorXd::Zero(2)), method, MaxIterations{100}, small);
    CHECK_FALSE(small.overfits());

    GeneralizationGap fresh(risk, held_out);
    CHECK_THROWS_WITH(fresh.gap(), contains("it has not seen a run"));
    CHECK_THROWS_WITH(GeneralizationGap(risk, held_out, {.every = 0}),
                      contains("GeneralizationGapOptions.every is 0"));
}

TEST_CASE("early stopping on a recorded curve") {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    const std::vector<double> epochs{0, 1, 2, 3, 4, 5, 6, 7};
    const std::vector<double> values{5, 4, 4.5, nan, 3, 3.5, 3.2, 2};
    const auto two = early_stopping(epochs, values, {.epochs = 2});
    CHECK(two.stops);
    CHECK(two.stopped_epoch == 3);
    CHECK(two.answer == 4);
    CHECK(two.answer_epoch == 1);
    CHECK(two.best == 2);
    CHECK(two.best_epoch == 7);
    CHECK(two.regret() == 2);
    const auto three = early_stopping(epochs, values, {.epochs = 3});
    CHECK_FALSE(three.stops);
    CHECK(three.answer == 2);
    CHECK(three.regret() == 0);
    const auto up = early_stopping(epochs, values, {.epochs = 2}, true);
    CHECK(up.stopped_epoch == 2);
    CHECK(up.answer == 5);
    std::ostringstream text;
    text << two;
    CHECK(text.str() ==
          "patience of 2 epochs: stops at epoch 3, answers 4 of 1; the run found 2 at 7\n");
    CHECK_THROWS_WITH(early_stopping(epochs, {1, 2}), contains("8 epochs and 2 values"));
    CHECK_THROWS_WITH(early_stopping({}, {}), contains("0 epochs"));
    CHECK_THROWS_WITH(early_stopping({1, 1}, {1, 2}), contains("give the epochs of one run"));
    CHECK_THROWS_WITH(early_stopping({1}, {nan}), contains("no value is finite"));
    CHECK_THROWS_WITH(early_stopping({1}, {1}, {.epochs = 0}), contains("a patience of 0"));
}

TEST_CASE("the bootstrap's interval of a difference holds the truth as often as it says") {
    // pairs with much in common: b = a + δ + small noise
    const Index n = 80;
    const double delta = 0.1;
    int within = 0;
    int sure = 0;
    double ratio = 0;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
        Random random{seed};
        ExampleLosses a{Eigen::ArrayXd(n), Eigen::ArrayXd::Ones(n)};
        ExampleLosses b = a;
        for (Index i = 0; i < n; ++i) {
            a.sums[i] = 5 + 2 * random.normal();
            b.sums[i] = a.sums[i] + delta + 0.5 * random.normal();
        }
        const auto c = compare_losses(a, b, {.resamples = 1000, .seed = seed});
        within += c.interval.lower <= -delta && -delta <= c.interval.upper;
        sure += c.first_better > 0.5;
        ratio += (c.interval.upper - c.interval.lower) / (2 * 1.96 * c.standard_error) / 400;
        CHECK(c.standard_error == Approx(0.5 / std::sqrt(80)).epsilon(0.4));
    }
    INFO(within << " within, " << sure << " the right one");
    // 380 of 400 expected, with σ = 4.4; percentiles are short by 1/(2n) or so
    CHECK(within >= 365);
    CHECK(within <= 394);
    // Φ(0.1 √80 / 0.5) = 0.963
    CHECK(sure >= 373);
    CHECK(sure <= 396);
    CHECK(ratio == Approx(1).epsilon(0.03));
}

TEST_CASE("two models are compared on the same examples") {
    const auto data = regression(200, 4, 9);
    const EmpiricalRisk risk{plain(4), SquaredLoss{}, data};
    const VectorXd best = VectorXd::Ones(4);
    const VectorXd worse = VectorXd::Constant(4, 0.6);
    const auto c = compare_models(risk, best, risk, worse);
    CHECK(c.examples == 200);
    CHECK(c.first == Approx(risk.value(best)));
    CHECK(c.second == Approx(risk.value(worse)));
    CHECK(c.difference == Approx(risk.value(best) - risk.value(worse)));
    CHECK(c.differ());
    CHECK(c.first_better > 0.99);
    const auto same = compare_models(risk, best, risk, best);
    CHECK(same.first_better == 0.5);
    CHECK_FALSE(same.differ());
    // the same bits, and a mirror image
    const auto again = compare_models(risk, best, risk, worse);
    CHECK(again.interval.lower == c.interval.lower);
    const auto mirrored = compare_models(risk, worse, risk, best);
    CHECK(mirrored.first_better == Approx(1 - c.first_better));
    CHECK(mirrored.interval.upper == Approx(-c.interval.lower));
    std::ostringstream text;
    text << mirrored;
    CHECK(text.str().find("the second is better with probability 1") != std::string::npos);

    // weights count: those of 0 not at all
    VectorXd weights = VectorXd::Ones(200);
    weights.tail(100).setZero();
    const auto half = data.select([] {
        std::vector<std::int32_t> rows(100);
        for (std::int32_t i = 0; i < 100; ++i) rows[static_cast<std::size_t>(i)] = i;
        return rows;
    }());
    MatrixXd x(200, 4);
    for (Index i = 0; i < 200; ++i)
        for (Index j = 0; j < 4; ++j) x(i, j) = data.rows().row(i)[j];
    const EmpiricalRisk weighted{plain(4), SquaredLoss{},
                                 Dataset{x, VectorXd(data.targets()), weights}};
    const EmpiricalRisk first_half{plain(4), SquaredLoss{}, half};
    CHECK(compare_models(weighted, best, weighted, worse).difference ==
          Approx(compare_models(first_half, best, first_half, worse).difference));

    CHECK_THROWS_WITH(compare_models(risk, best, first_half, best),
                      contains("200 examples and 100: judge both models on the same ones"));
    CHECK_THROWS_WITH(compare_models(risk, best, weighted, best), contains("other weights"));
    const EmpiricalRisk other{plain(4), SquaredLoss{}, regression(200, 4, 10)};
    CHECK_THROWS_WITH(compare_models(risk, best, other, best), contains("other targets"));
    const VectorXd far = VectorXd::Constant(4, std::numeric_limits<double>::infinity());
    CHECK_THROWS_WITH(compare_models(risk, best, risk, far), contains("the second model"));
    CHECK_THROWS_WITH(compare_models(risk, best, risk, worse, {.resamples = 0}),
                      contains("ComparisonOptions.resamples is 0"));
    CHECK_THROWS_WITH(compare_models(risk, best, risk, worse, {.level = 1}),
                      contains("ComparisonOptions.level is 1"));
}

TEST_CASE("of sequences the steps of one count as one example") {
    const std::vector<Index> lengths{3, 1, 2};
    const MatrixXd x = MatrixXd::Ones(6, 1);
    const VectorXd y = (VectorXd(6) << 1, 2, 3, 4, 5, 6).finished();
    const EmpiricalRisk risk{network(1, dense(1)), SquaredLoss{}, Sequences<double>{x, y, lengths}};
    const VectorXd theta = VectorXd::Zero(2);
    const ExampleLosses losses = example_losses(risk, theta);
    const double c = SquaredLoss{}.value(1.0, 0.0);
    CHECK(losses.sums[0] == Approx(c * (1 + 4 + 9)));
    CHECK(losses.sums[1] == Approx(c * 16));
    CHECK(losses.sums[2] == Approx(c * (25 + 36)));
    CHECK(losses.weights[0] == 3);
    CHECK(losses.mean() == Approx(risk.value(theta)));
}
