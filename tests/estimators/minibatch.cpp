// SPDX-License-Identifier: MIT
// The statistics of minibatch gradients: weights, standard errors, unbiasedness.
#include <Eigen/Core>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <tuple>
#include <vector>

#include <ermine/data/class_balanced.hpp>
#include <ermine/data/class_weights.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/data/importance.hpp>
#include <ermine/data/sequential.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/data/split_by_group.hpp>
#include <ermine/data/stratified.hpp>
#include <ermine/data/with_replacement.hpp>
#include <ermine/estimators/growing_minibatch.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/estimators/norm_test_minibatch.hpp>
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
#include <ermine/observers/order_warning.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>

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

TEST_CASE("growing minibatches grow by whole steps, as the epochs go by") {
    const Regression data{1000};
    const auto risk = data.risk();
    const VectorXd x = VectorXd::Ones(2);
    const auto estimator = growing_minibatch(
        WithReplacement{}, {.initial = 10, .factor = 1.5, .epochs = 0.5, .largest = 40});
    auto state = estimator.start(risk, x);
    VectorXd g(2);
    double epochs = 0;
    risk.value_and_gradient(x, g);
    const double expected[] = {10, 15, 23, 34, 40, 40};
    const long before = small_allocations + large_allocations;
    bool sizes_agree = true;
    for (int k = 0; k < 200; ++k) {
        const auto steps = static_cast<std::size_t>(std::floor(epochs * 2 + 1e-9));
        epochs += estimator.draw(risk, state);
        estimator.sample(risk, state).value_and_gradient(x, g);
        sizes_agree =
            sizes_agree &&
            static_cast<double>(state.size) == expected[std::min<std::size_t>(steps, 5)] &&
            static_cast<Index>(state.batch.rows.size()) <= state.size;
    }
    CHECK(sizes_agree);
    CHECK(small_allocations + large_allocations == before);
    CHECK(epochs > 2.5);
    auto loaded = estimator.start(risk, x);
    loaded.fields() = state.fields();
    for (int k = 0; k < 10; ++k) {
        CHECK(estimator.draw(risk, state) == estimator.draw(risk, loaded));
        CHECK(state.batch.rows == loaded.batch.rows);
    }
    // A batch of all examples is the objective.
    const auto to_all = growing_minibatch(ShuffledEachEpoch{}, {.initial = 500, .factor = 10});
    auto all = to_all.start(risk, x);
    VectorXd full(2);
    risk.value_and_gradient(x, full);
    for (int k = 0; k < 3; ++k) to_all.draw(risk, all);
    to_all.sample(risk, all).value_and_gradient(x, g);
    CHECK((g - full).norm() < 1e-13 * full.norm());

    const auto refused = [&](Growth growth, const std::string& text) {
        CHECK_THROWS_WITH(growing_minibatch(Sequential{}, growth).start(risk, x), contains(text));
    };
    refused({.initial = 0}, "Growth.initial is 0");
    refused({.initial = 2000}, "Growth.initial is 2000");
    refused({.initial = 20, .largest = 10}, "Growth.largest is 10");
    refused({.factor = 0.5}, "Growth.factor is 0.5");
    refused({.epochs = 0}, "Growth.epochs is 0");
}

TEST_CASE("the norm test grows batches where the gradient drowns in its noise") {
    const Regression data{4000};
    const auto risk = data.risk();
    const VectorXd far = VectorXd::LinSpaced(2, 5, -3);
    const auto estimator =
        norm_test_minibatch(WithReplacement{.seed = 3}, {.initial = 64, .theta = 1});
    auto state = estimator.start(risk, far);
    VectorXd g(2);
    VectorXd expected(2);
    // The gradient is that of the batch, and the variance is estimated without bias.
    const Eigen::MatrixXd all = gradients(risk, far);
    const double variance = (all.colwise() - all.rowwise().mean()).colwise().squaredNorm().mean();
    double sum = 0;
    double squares = 0;
    const int draws = 4000;
    for (int k = 0; k < draws; ++k) {
        estimator.draw(risk, state);
        const double value = estimator.estimate(risk, far, g, state);
        if (k < 20) {
            CHECK(value == Approx(risk.value_and_gradient(far, state.batch.rows, expected)));
            CHECK((g - expected).norm() < 1e-13 * expected.norm());
        }
        sum += state.variance;
        squares += state.variance * state.variance;
    }
    const double error = std::sqrt((squares / draws - std::pow(sum / draws, 2)) / draws);
    CHECK(std::abs(sum / draws - variance) < 4 * error);
    CHECK(error < 0.02 * variance);
    // Far away σ/√b is a small part of the gradient.
    CHECK(std::sqrt(variance / 64) < 0.7 * all.rowwise().mean().norm());
    CHECK(state.size == 64);

    // Near the minimum it grows to the size that was needed, and never beyond its limit.
    VectorXd near = VectorXd::LinSpaced(2, 1.15, -1);
    const Eigen::MatrixXd close = gradients(risk, near);
    const VectorXd mean = close.rowwise().mean();
    const double theta = 0.125;
    const double needed = (close.colwise() - mean).colwise().squaredNorm().mean() /
                          (theta * theta * mean.squaredNorm());
    double logarithms = 0;
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
        const auto grows = norm_test_minibatch(WithReplacement{.seed = seed},
                                               {.initial = 800, .theta = theta, .parts = 64});
        auto grown = grows.start(risk, near);
        Index size = 800;
        for (int k = 0; k < 2; ++k) {
            grows.draw(risk, grown);
            grows.estimate(risk, near, g, grown);
            const auto b = static_cast<double>(grown.batch.rows.size());
            const double wanted = grown.variance / (theta * theta * g.squaredNorm());
            if (wanted * (4000 - b) / 3999 > b)
                size = std::max(size, std::min<Index>(static_cast<Index>(std::ceil(wanted)), 4000));
            CHECK(grown.size == size);
            if (k == 0) logarithms += std::log(static_cast<double>(size)) / 20;
        }
    }
    REQUIRE(needed > 2000);
    CHECK(std::exp(logarithms) == Approx(needed).epsilon(0.25));
    const auto limited = norm_test_minibatch(ShuffledEachEpoch{}, {.largest = 40});
    auto limited_state = limited.start(risk, near);
    limited.draw(risk, limited_state);
    limited.estimate(risk, near, g, limited_state);
    const long before = small_allocations + large_allocations;
    for (int k = 0; k < 300; ++k) {
        limited.draw(risk, limited_state);
        limited.estimate(risk, near, g, limited_state);
    }
    CHECK(small_allocations + large_allocations == before);
    CHECK(limited_state.size == 40);

    const auto refused = [&](NormTest test, const std::string& text) {
        CHECK_THROWS_WITH(norm_test_minibatch(Sequential{}, test).start(risk, far), contains(text));
    };
    refused({.initial = 1}, "NormTest.initial is 1");
    refused({.theta = 0}, "NormTest.theta is 0");
    refused({.parts = 1}, "NormTest.parts is 1");
    refused({.largest = 4}, "NormTest.largest is 4");
}

TEST_CASE("batches that grow reach a minimum that batches of one size circle around") {
    const Regression data{2000};
    const auto risk = data.risk();
    const auto run = [&](const auto& estimator) {
        return minimize(risk, risk.zero(), estimator | Constant{.size = 0.1}, MaxEpochs{300});
    };
    const auto fixed = run(minibatch(ShuffledEachEpoch{.seed = 1}, {.size = 4}));
    const auto growing =
        run(growing_minibatch(ShuffledEachEpoch{.seed = 1}, {.initial = 4, .epochs = 2}));
    const auto tested =
        run(norm_test_minibatch(ShuffledEachEpoch{.seed = 1}, {.initial = 4, .theta = 0.5}));
    VectorXd best = data.x.colPivHouseholderQr().solve(data.y);
    CHECK((growing.x - best).norm() < 0.2 * (fixed.x - best).norm());
    CHECK((tested.x - best).norm() < 0.2 * (fixed.x - best).norm());
}

TEST_CASE("an observer warns of sorted data, and only of that") {
    const Regression data{800};
    std::vector<std::int32_t> order;
    for (const double label : {0.0, 1.0})
        for (std::int32_t i = 0; i < 800; ++i)
            if (data.classes[i] == label) order.push_back(i);
    const auto sorted = Dataset{data.x, data.classes}.select(order);
    const EmpiricalRisk risk{Linear{.features = 2}, SquaredLoss{}, sorted};
    const auto watched = [&](const auto& sampler, const VectorXd& targets) {
        char* text = nullptr;
        std::size_t length = 0;
        std::FILE* const stream = open_memstream(&text, &length);
        OrderWarning warning{targets, stream};
        std::ignore =
            minimize(risk, risk.zero(), minibatch(sampler, {.size = 16}) | Constant{.size = 1e-3},
                     MaxEpochs{3}, warning);
        std::fclose(stream);
        const std::string printed{text, length};
        std::free(text);
        CHECK(warning.correlated() == !printed.empty());
        return printed;
    };
    const std::string printed = watched(Sequential{}, sorted.targets());
    CHECK(printed.find("correlated order") != std::string::npos);
    CHECK(printed.find("0.99") != std::string::npos);
    CHECK(std::count(printed.begin(), printed.end(), '\n') == 1);
    CHECK(watched(ShuffledEachEpoch{.seed = 1}, sorted.targets()).empty());
    CHECK(watched(Importance{VectorXd::Ones(800)}, sorted.targets()).empty());
    CHECK(watched(Sequential{}, VectorXd::Ones(800)).empty());
    CHECK_THROWS_WITH(watched(Sequential{}, VectorXd::Ones(5)),
                      contains("made with 5 targets, and the run draws example 5"));
}

TEST_CASE("a split by groups has no group on both sides") {
    const Regression data{400};
    VectorXd patients(400);
    for (Index i = 0; i < 400; ++i) patients[i] = static_cast<double>(i * i % 37);
    const Dataset all{data.x, patients};
    double share = 0;
    for (const std::uint64_t seed : {1U, 2U, 3U, 4U}) {
        const auto [train, held_out] = split_by_group(all, patients, {.seed = seed});
        CHECK(train.examples() + held_out.examples() == 400);
        for (const double patient : train.targets())
            CHECK((held_out.targets().array() != patient).all());
        CHECK(std::abs(static_cast<double>(held_out.examples()) - 80) <= 11);
        share += static_cast<double>(held_out.examples()) / 1600;
    }
    CHECK(share == Approx(0.2).margin(0.02));
    CHECK_THROWS_WITH(split_by_group(all, VectorXd::Ones(400)),
                      contains("in 1 groups leaves one part empty"));
    CHECK_THROWS_WITH(split_by_group(all, VectorXd::Ones(4)), contains("400 examples"));
    CHECK_THROWS_WITH(split_by_group(all, patients, {.holdout = 1}), contains("holdout = 1"));
}
