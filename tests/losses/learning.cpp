// SPDX-License-Identifier: MIT
// Losses in what learns with them: the risk and its derivatives, the targets that it refuses, and
// the answers of minimize and fit where they are known.

#include <cmath>
#include <string>

#include <ermine/data/blobs.hpp>
#include <ermine/losses/absolute.hpp>
#include <ermine/losses/crammer_singer.hpp>
#include <ermine/losses/epsilon_insensitive.hpp>
#include <ermine/losses/exponential.hpp>
#include <ermine/losses/log_cosh.hpp>
#include <ermine/losses/modified_huber.hpp>
#include <ermine/losses/poisson.hpp>
#include <ermine/losses/pseudo_huber.hpp>
#include <ermine/losses/quantile.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/numerics/check_gradient.hpp>
#include <ermine/numerics/check_hessian.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/solvers/fit.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

struct Sample {
    MatrixXd x;
    VectorXd numbers, signs, counts, classes;
};

// Targets of every kind that follow the features, with noise.
Sample sample(Index n) {
    Sample s{MatrixXd(n, 3), VectorXd(n), VectorXd(n), VectorXd::Zero(n), VectorXd(n)};
    Random random(17);
    for (Index i = 0; i < n; ++i) {
        for (Index j = 0; j < 3; ++j) s.x(i, j) = random.normal();
        const double line = s.x(i, 0) - 0.5 * s.x(i, 1) + 0.3;
        s.numbers[i] = 2 * line + random.normal();
        s.signs[i] = line + 0.5 * random.normal() > 0 ? 1 : -1;
        // Knuth's way to a Poisson number
        double product = random.uniform();
        while (product > std::exp(-std::exp(0.4 * line))) {
            s.counts[i] += 1;
            product *= random.uniform();
        }
        s.classes[i] = line < -0.5 ? 0 : line < 0.7 ? 1 : 2;
    }
    return s;
}

// The risk is the mean of the losses, its derivatives are those of the value, and floats agree.
template <class L>
void check_risk(const L& loss, const Sample& s, const VectorXd& y) {
    CAPTURE(L::name);
    const EmpiricalRisk risk{Linear{3}, loss, Dataset{s.x, y}};
    const VectorXd theta{{0.4, -0.3, 0.2, 0.1}};
    const VectorXd p = (s.x * theta.head(3)).array() + theta[3];
    double sum = 0;
    for (Index i = 0; i < p.size(); ++i) sum += loss.value(p[i], y[i]);
    VectorXd g(4);
    CHECK(risk.value_and_gradient(theta, g) ==
          Approx(sum / static_cast<double>(p.size())).epsilon(1e-13));
    const auto gradient = check_gradient(risk, theta);
    INFO(gradient);
    CHECK(gradient.ok());
    if constexpr (TwiceDifferentiableLoss<L>) {
        const auto hessian = check_hessian(risk, theta);
        INFO(hessian);
        CHECK(hessian.ok());
    }
    const Eigen::MatrixXf xf = s.x.cast<float>();
    const EmpiricalRisk floats{Linear{3}, loss, Dataset{xf, y}};
    const Eigen::VectorXf tf = theta.cast<float>();
    Eigen::VectorXf gf(4);
    CHECK(floats.value_and_gradient(tf, gf) == Approx(risk.value(theta)).epsilon(1e-5));
    CHECK((gf.cast<double>() - g).norm() < 1e-4 * (1 + g.norm()));
}

template <class L>
void refuses(const L& loss, double target, const std::string& sentence) {
    const MatrixXd x = MatrixXd::Identity(3, 3);
    VectorXd y = VectorXd::Ones(3);
    y[1] = target;
    CHECK_THROWS_WITH((EmpiricalRisk{Linear{3}, loss, Dataset{x, y}}), contains(sentence));
}

}  // namespace

TEST_CASE("risks over every loss: mean, derivatives, floats") {
    const Sample s = sample(203);
    check_risk(AbsoluteLoss{}, s, s.numbers);
    check_risk(PseudoHuberLoss{.delta = 0.7}, s, s.numbers);
    check_risk(LogCoshLoss{}, s, s.numbers);
    check_risk(QuantileLoss{.tau = 0.8}, s, s.numbers);
    check_risk(EpsilonInsensitiveLoss{.epsilon = 0.2}, s, s.numbers);
    check_risk(PoissonLoss{}, s, s.counts);
    check_risk(ModifiedHuberLoss{}, s, s.signs);
    check_risk(ExponentialLoss{}, s, s.signs);

    const LinearMulticlass model{3, 3};
    const EmpiricalRisk many{model, CrammerSingerLoss{}, Dataset{s.x, s.classes}};
    const VectorXd theta = VectorXd::LinSpaced(12, -1, 0.7).array().sin();
    const auto gradient = check_gradient(many, theta);
    INFO(gradient);
    CHECK(gradient.ok());
    double sum = 0;
    const auto p = many.predictions(theta);
    for (Index i = 0; i < 203; ++i)
        sum += CrammerSingerLoss{}.value(p.row(i), static_cast<Index>(s.classes[i]));
    CHECK(many.value(theta) == Approx(sum / 203).epsilon(1e-13));
    // |F(θ) − F(0)| <= G ‖θ‖
    CHECK(std::abs(many.value(theta) - many.value(many.zero())) <= many.lipschitz() * theta.norm());
}

TEST_CASE("targets and options that a loss refuses are named") {
    refuses(PoissonLoss{}, -1, "target of example 1 is -1.000000, but PoissonLoss takes a count");
    refuses(PoissonLoss{}, -0.5, "PoissonLoss takes a count or a rate");
    refuses(AbsoluteLoss{}, NAN, "y[1] is nan; targets must be finite");
    refuses(ModifiedHuberLoss{}, 0, "ModifiedHuberLoss takes -1 or +1; binary_targets(data)");
    refuses(ExponentialLoss{}, 2, "ExponentialLoss takes -1 or +1; binary_targets(data)");
    refuses(QuantileLoss{.tau = 1}, 0, "QuantileLoss: tau is 1");
    refuses(EpsilonInsensitiveLoss{.epsilon = -1}, 0, "epsilon is -1");
    refuses(PseudoHuberLoss{.delta = 0}, 0, "PseudoHuberLoss: delta is 0");
    const MatrixXd x = MatrixXd::Identity(3, 3);
    CHECK_THROWS_WITH((EmpiricalRisk{LinearMulticlass{3, 2}, CrammerSingerLoss{},
                                     Dataset{x, VectorXd{{0, 1, 2}}}}),
                      contains("CrammerSingerLoss takes class numbers from 0 to 1"));
}

TEST_CASE("fit of counts solves the likelihood equations") {
    const Sample s = sample(400);
    const FitOptions whole{.l2 = 0, .holdout = 0, .tolerance = 1e-9};
    const MatrixXd ones = (MatrixXd(400, 4) << s.x, VectorXd::Ones(400)).finished();

    // Σ (e^p − y) x̃ = 0, so that means and moments are those of the data
    const auto poisson = fit(Linear{3}, PoissonLoss{}, Dataset{s.x, s.counts}, whole);
    CHECK(poisson.result.converged());
    const VectorXd rates = (ones * poisson.parameters).array().exp();
    CHECK((ones.transpose() * (rates - s.counts) / 400).norm() < 1e-8);
    CHECK(rates.mean() == Approx(s.counts.mean()).epsilon(1e-8));
}

TEST_CASE("fit with losses that have kinks") {
    const Sample s = sample(2000);
    const Dataset data{s.x, s.numbers};
    // Of all residuals the share τ is negative (Koenker & Bassett 1978, Theorem 3.4).
    for (const double tau : {0.25, 0.9}) {
        const auto fitted =
            fit(Linear{3}, QuantileLoss{.tau = tau}, data, {.l2 = 0, .holdout = 0, .epochs = 60});
        const VectorXd p = fitted.predict(data);
        CHECK((s.numbers.array() < p.array()).cast<double>().mean() == Approx(tau).margin(0.02));
    }
}

TEST_CASE("fit classifies with the exponential and the Crammer-Singer loss") {
    const Sample s = sample(1000);
    const Dataset data{s.x, s.signs};
    const auto error = [&](const auto& fitted) {
        return (fitted.predict(data) * data.targets().array() <= 0).template cast<double>().mean();
    };
    const auto boosted = fit(Linear{3}, ExponentialLoss{}, data);
    const VectorXd best{{1, -0.5, 0, 0.3}};
    const EmpiricalRisk errs{Linear{3}, ZeroOneLoss{}, data};
    CHECK(error(boosted) < errs.value(best) + 0.02);

    const auto groups = blobs({.examples = 600, .classes = 3, .seed = 2});
    const LinearMulticlass model{groups.features(), 3};
    const auto many = fit(model, CrammerSingerLoss{}, groups);
    const EmpiricalRisk wrong{model, ZeroOneLoss{}, groups};
    CHECK(wrong.value(many.parameters) < 1.0 / 6);
    // as good as nothing near it is better, to the accuracy of a run with minibatches
    const EmpiricalRisk risk{model, CrammerSingerLoss{}, groups};
    Random random(4);
    for (int k = 0; k < 20; ++k) {
        VectorXd other = many.parameters;
        for (double& number : other) number += 0.3 * random.normal();
        CHECK(risk.value(many.parameters) < 1.02 * risk.value(other));
    }
}
