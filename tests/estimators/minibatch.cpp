// SPDX-License-Identifier: MIT
// The statistics of minibatch gradients: weights, standard errors, unbiasedness.
#include <Eigen/Core>

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

#include <ermine/data/class_balanced.hpp>
#include <ermine/data/class_weights.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/data/importance.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/data/stratified.hpp>
#include <ermine/data/with_replacement.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/example_smoothness.hpp>
#include <ermine/objectives/finite_sum.hpp>
#include <ermine/objectives/gradient_lengths.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>

#include "../solvers/counting_malloc.hpp"
#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::VectorXd;

namespace {

/// Linear regression on `n` examples of two classes, the second rare and far away; class numbers in
/// `classes`.
struct Regression {
    Eigen::MatrixXd x;
    VectorXd y;
    VectorXd classes;

    explicit Regression(Index n) : x(n, 2), y(n), classes(n) {
        Random random{17};
        for (Index i = 0; i < n; ++i) {
            classes[i] = i % 8 == 0 ? 1 : 0;
            x(i, 0) = 2 * random.uniform() - 1 + 3 * classes[i];
            x(i, 1) = 2 * random.uniform() - 1;
            y[i] = x(i, 0) - x(i, 1) + random.normal();
        }
    }

    [[nodiscard]] auto risk() const {
        return EmpiricalRisk{Linear{.features = 2, .intercept = false}, SquaredLoss{},
                             Dataset{x, y}};
    }
};

/// Root of the mean squared distance of the gradient over a batch from that over all examples,
/// measured over so many draws.
double measured_error(const auto& f, const auto& estimator, const VectorXd& x, int draws) {
    VectorXd full(x.size());
    VectorXd g(x.size());
    f.value_and_gradient(x, full);
    auto state = estimator.start(f, x);
    double sum = 0;
    for (int k = 0; k < draws; ++k) {
        estimator.draw(f, state);
        estimator.sample(f, state).value_and_gradient(x, g);
        sum += (g - full).squaredNorm();
    }
    return std::sqrt(sum / draws);
}

/// The gradient of each example, a column each.
Eigen::MatrixXd gradients(const auto& f, const VectorXd& x) {
    Eigen::MatrixXd all(x.size(), f.examples());
    VectorXd g(x.size());
    for (std::int32_t i = 0; i < f.examples(); ++i) {
        f.value_and_gradient(x, Batch(&i, 1), g);
        all.col(i) = g;
    }
    return all;
}

/// Σ wₖ fₖ / b from evaluations one by one, against the batch with weights.
void weights_count(const auto& f, const auto& x, double tolerance) {
    using V = std::remove_cvref_t<decltype(x)>;
    std::vector<std::int32_t> rows;
    std::vector<double> weights;
    for (std::int32_t k = 0; k < 200; ++k) {
        rows.push_back(k * 7 % static_cast<std::int32_t>(f.examples()));
        weights.push_back(k % 5 * 0.75);
    }
    V g(x.size());
    V one(x.size());
    VectorXd expected = VectorXd::Zero(x.size());
    double value = 0;
    for (std::size_t k = 0; k < rows.size(); ++k) {
        value += weights[k] * f.value_and_gradient(x, Batch(&rows[k], 1), one) / 200;
        expected += weights[k] * one.template cast<double>() / 200;
    }
    CHECK(f.value_and_gradient(x, WeightedBatch{rows, weights}, g) ==
          Approx(value).epsilon(tolerance));
    CHECK((g.template cast<double>() - expected).norm() <= tolerance * expected.norm());
    // Weights of 1, or none, are a batch.
    const double plain = f.value_and_gradient(x, Batch(rows), one);
    CHECK(f.value_and_gradient(x, WeightedBatch{rows, {}}, g) == Approx(plain).epsilon(1e-15));
    CHECK(g == one);
    const std::vector<double> ones(rows.size(), 1.0);
    CHECK(f.value_and_gradient(x, WeightedBatch{rows, ones}, g) ==
          Approx(plain).epsilon(tolerance));
    CHECK((g - one).norm() <= tolerance * one.norm());
    CHECK_THROWS_WITH(f.value_and_gradient(x, WeightedBatch{rows, std::span(weights).first(3)}, g),
                      contains("3 weights"));
}

}  // namespace

TEST_CASE("a batch with weights is the weighted sum of its examples") {
    const Regression data{300};
    const VectorXd example_weights = data.classes.array() + 0.5;
    const Dataset weighted{data.x, data.y, example_weights};
    const VectorXd x = VectorXd::LinSpaced(2, 0.3, -0.8);
    const EmpiricalRisk plain = data.risk();
    weights_count(plain, x, 1e-13);
    weights_count(EmpiricalRisk{Linear{.features = 2, .intercept = false}, SquaredLoss{}, weighted},
                  x, 1e-13);
    const Dataset classes{Eigen::MatrixXf(data.x.cast<float>()), data.classes};
    const EmpiricalRisk many{LinearMulticlass{.features = 2, .classes = 2}, SoftmaxCrossEntropy{},
                             classes};
    weights_count(many, Eigen::VectorXf(Eigen::VectorXf::LinSpaced(many.parameters(), -1, 1)),
                  1e-5F);
    weights_count(finite_sum(300,
                             [&](Index i, const VectorXd& p, VectorXd& g) {
                                 const double r = data.x.row(i) * p - data.y[i];
                                 g += 2 * r * data.x.row(i).transpose();
                                 return r * r;
                             }),
                  x, 1e-13);
    weights_count(finite_sum(300,
                             [&](Index i, const auto& p) {
                                 const auto r = data.x(i, 0) * p[0] - data.y[i];
                                 return r * r;
                             }),
                  x, 1e-13);

    VectorXd g(2);
    VectorXd with_penalty(2);
    const std::vector<std::int32_t> rows{5, 9};
    std::vector<double> weights{0.5, 3};
    const double value = plain.value_and_gradient(x, WeightedBatch{rows, weights}, g);
    const auto sum = plain + L2{0.1};
    // The penalty is not weighted.
    CHECK(sum.value_and_gradient(x, WeightedBatch{rows, weights}, with_penalty) ==
          Approx(value + 0.05 * x.squaredNorm()));
    CHECK((with_penalty - g - 0.1 * x).norm() < 1e-14);
    weights[1] = -1;
    CHECK_THROWS_WITH(plain.value_and_gradient(x, WeightedBatch{rows, weights}, g),
                      contains("a batch has the weight -1"));
}

TEST_CASE("the standard error of a batch is σ/√n, and smaller without replacement") {
    const Index examples = 8192;
    const Regression data{examples};
    const auto risk = data.risk();
    const VectorXd x = VectorXd::LinSpaced(2, 0.3, -0.8);
    const Eigen::MatrixXd all = gradients(risk, x);
    const VectorXd mean = all.rowwise().mean();
    const double sigma =
        std::sqrt((all.colwise() - mean).colwise().squaredNorm().mean());  // 1/N, over all
    const auto n = static_cast<double>(examples);

    // Importance by the gradients' lengths: σ of gᵢ/(n pᵢ) under p.
    const Importance importance{gradient_lengths(risk, x), {.seed = 5}};
    double square = 0;
    for (Index i = 0; i < examples; ++i)
        square += all.col(i).squaredNorm() / (n * n * importance.probability(i));
    const double importance_sigma = std::sqrt(square - mean.squaredNorm());
    CHECK(importance_sigma < 0.8 * sigma);

    // Strata: what is left is the variance inside the classes.
    double within = 0;
    for (const double label : {0.0, 1.0}) {
        VectorXd middle = VectorXd::Zero(2);
        double count = 0;
        for (Index i = 0; i < examples; ++i)
            if (data.classes[i] == label) {
                middle += all.col(i);
                ++count;
            }
        middle /= count;
        for (Index i = 0; i < examples; ++i)
            if (data.classes[i] == label) within += (all.col(i) - middle).squaredNorm() / n;
    }
    CHECK(within < 0.9 * sigma * sigma);

    for (Index size = 1; size <= 4096; size *= 2) {
        INFO("batches of " << size);
        const auto b = static_cast<double>(size);
        const BatchSize batch{.size = size};
        const int draws = 10000;
        CHECK(measured_error(risk, minibatch(WithReplacement{.seed = 1}, batch), x, draws) ==
              Approx(sigma / std::sqrt(b)).epsilon(0.05));
        CHECK(measured_error(risk, minibatch(ShuffledEachEpoch{.seed = 2}, batch), x, draws) ==
              Approx(sigma / std::sqrt(b) * std::sqrt((n - b) / (n - 1))).epsilon(0.05));
        CHECK(measured_error(risk, minibatch(importance, batch), x, draws) ==
              Approx(importance_sigma / std::sqrt(b)).epsilon(0.05));
        if (size % 8 == 0)
            CHECK(measured_error(risk, minibatch(Stratified{data.classes, {.seed = 3}}, batch), x,
                                 draws) ==
                  Approx(std::sqrt(within / b * (n - b) / (n - 2))).epsilon(0.05));
    }
}

TEST_CASE("importance sampling is unbiased, class-balanced sampling estimates the balanced risk") {
    const Regression data{500};
    const auto risk = data.risk();
    const VectorXd x = VectorXd::LinSpaced(2, 0.3, -0.8);
    const VectorXd scores = example_smoothness(risk);
    CHECK(scores.maxCoeff() == Approx(risk.smoothness_per_example()).epsilon(1e-12));
    CHECK(scores[3] == Approx(risk.loss().smoothness() * data.x.row(3).squaredNorm()));
    const VectorXd lengths = gradient_lengths(risk, x);
    CHECK(lengths[7] == Approx(gradients(risk, x).col(7).norm()));

    const auto mean_is = [&](const auto& sampler, const VectorXd& expected) {
        const auto estimator = minibatch(sampler, {.size = 5});
        auto state = estimator.start(risk, x);
        const int draws = 40000;
        VectorXd g(2);
        VectorXd sum = VectorXd::Zero(2);
        VectorXd squares = VectorXd::Zero(2);
        for (int k = 0; k < draws; ++k) {
            estimator.draw(risk, state);
            estimator.sample(risk, state).value_and_gradient(x, g);
            sum += g;
            squares += g.cwiseAbs2();
        }
        sum /= draws;
        const VectorXd error = ((squares / draws - sum.cwiseAbs2()) / draws).cwiseSqrt();
        for (Index j = 0; j < 2; ++j) CHECK(std::abs(sum[j] - expected[j]) < 4 * error[j]);
    };
    VectorXd full(2);
    VectorXd balanced_gradient(2);
    risk.value_and_gradient(x, full);
    mean_is(Importance{scores, {.seed = 1}}, full);
    mean_is(Importance{lengths, {.uniform = 0.3, .seed = 2}}, full);
    mean_is(Importance{VectorXd(data.classes.array() + 0.1), {.seed = 3}}, full);
    mean_is(Stratified{data.classes, {.seed = 4}}, full);

    const Dataset classes{data.x, data.classes};
    const Dataset weighted{data.x, data.y, VectorXd(balanced(classes).weights())};
    EmpiricalRisk{Linear{.features = 2, .intercept = false}, SquaredLoss{}, weighted}
        .value_and_gradient(x, balanced_gradient);
    CHECK((balanced_gradient - full).norm() > 0.1 * full.norm());
    mean_is(ClassBalanced{data.classes, {.seed = 5}}, balanced_gradient);
}

TEST_CASE("weighted batches allocate nothing after the first, and resume") {
    const Regression data{500};
    const auto risk = data.risk();
    const VectorXd x = VectorXd::Ones(2);
    const auto estimator = minibatch(Importance{example_smoothness(risk)}, {.size = 7});
    auto state = estimator.start(risk, x);
    VectorXd g(2);
    VectorXd again(2);
    const auto evaluate = [&](auto& from, VectorXd& into) {
        estimator.draw(risk, from);
        return estimator.sample(risk, from).value_and_gradient(x, into);
    };
    evaluate(state, g);
    const long before = small_allocations + large_allocations;
    for (int k = 0; k < 300; ++k) evaluate(state, g);
    CHECK(small_allocations + large_allocations == before);
    auto copy = state;
    auto loaded = estimator.start(risk, x);
    loaded.fields() = state.fields();
    for (int k = 0; k < 100; ++k) {
        const double value = evaluate(state, g);
        CHECK(evaluate(copy, again) == value);
        CHECK(again == g);
        CHECK(evaluate(loaded, again) == value);
        CHECK(again == g);
    }
}
