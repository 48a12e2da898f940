// SPDX-License-Identifier: MIT
#include <ermine/data/blobs.hpp>
#include <ermine/data/logistic_data.hpp>
#include <ermine/losses/hinge.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/solvers/fit.hpp>

#include <Eigen/Cholesky>

#include "ermine_catch.hpp"

using namespace ermine;

TEST_CASE("fit without holdout is ridge regression in raw features") {
    Random random(3);
    Eigen::MatrixXd x(80, 4);
    Eigen::VectorXd y(80);
    for (Index i = 0; i < 80; ++i) {
        for (Index j = 0; j < 4; ++j) x(i, j) = 100 * static_cast<double>(j) + random.normal();
        y[i] = x(i, 0) - 2 * x(i, 1) + 0.1 * random.normal() + 7;
    }
    const Dataset data{x, y};
    const auto fitted =
        fit(Linear{4}, SquaredLoss{}, data, {.l2 = 1e-3, .standardize = false, .holdout = 0});
    CHECK(fitted.result.converged());
    CHECK_FALSE(fitted.validation);
    // the normal equations of the centred data, the intercept not penalized
    const Eigen::RowVectorXd mean = x.colwise().mean();
    const Eigen::MatrixXd centred = x.rowwise() - mean;
    const Eigen::MatrixXd gram =
        centred.transpose() * centred / 80 + 1e-3 * Eigen::MatrixXd::Identity(4, 4);
    const Eigen::VectorXd w = gram.ldlt().solve(centred.transpose() * y / 80);
    CHECK((fitted.parameters.head(4) - w).norm() < 1e-6);
    CHECK(fitted.parameters[4] == Approx(y.mean() - mean * w).epsilon(1e-6));

    const auto standardized = fit(Linear{4}, SquaredLoss{}, data, {.l2 = 0, .holdout = 0});
    const Eigen::ArrayXd residuals = standardized.predict(data) - y.array();
    CHECK(std::abs(residuals.mean()) < 1e-6);
    CHECK((centred.transpose() * residuals.matrix() / 80).norm() < 1e-5);
    CHECK(standardized.standardization.mean.isApprox(mean.transpose(), 1e-12));
}

TEST_CASE("fit classifies, whatever method the shape asks for") {
    const auto [data, truth] = logistic_data({.examples = 2000, .features = 10, .seed = 5});
    const auto error = [&](const auto& fitted) {
        return (fitted.predict(data) * data.targets().array() <= 0).template cast<double>().mean();
    };
    const auto newton_fit = fit(Linear{10}, LogisticLoss{}, data);
    REQUIRE(newton_fit.validation);
    CHECK(newton_fit.validation->n == 400);
    CHECK(newton_fit.result.counts.hessians > 0);
    const double best = error(newton_fit);
    CHECK(best < 0.25);

    const auto gradients = fit(Linear{10}, LogisticLoss{}, data, {.newton_up_to = 0});
    CHECK(gradients.result.counts.hessians == 0);
    CHECK(error(gradients) < best + 0.02);
    const auto batches =
        fit(Linear{10}, LogisticLoss{}, data, {.newton_up_to = 0, .full_up_to = 100});
    CHECK(batches.result.iterations > 100);
    CHECK(error(batches) < best + 0.02);
    CHECK(error(fit(Linear{10}, HingeLoss{}, data)) < best + 0.02);

    const auto sparse = fit(Linear{10, false}, LogisticLoss{}, data, {.l1 = 1, .holdout = 0});
    CHECK(sparse.result.converged());
    CHECK(sparse.parameters.isZero());
}

TEST_CASE("fit works on many classes, and on floats") {
    const auto data = blobs({.examples = 300, .classes = 3, .seed = 2});
    const auto fitted = fit(LinearMulticlass{data.features(), 3}, SoftmaxCrossEntropy{}, data);
    const auto p = fitted.predict(data);
    Index right = 0;
    for (Index i = 0; i < data.examples(); ++i) {
        Index best = 0;
        p.row(i).maxCoeff(&best);
        right += best == static_cast<Index>(data.targets()[i]) ? 1 : 0;
    }
    CHECK(right > 250);

    const Eigen::MatrixXf x = data.rows().matrix().cast<float>();
    const auto floats = fit(LinearMulticlass{data.features(), 3}, SoftmaxCrossEntropy{},
                            Dataset{x, data.targets()}, {.tolerance = 1e-3});
    CHECK((floats.parameters.cast<double>() - fitted.parameters).norm() <
          0.1 * fitted.parameters.norm());
}

TEST_CASE("fit refuses options that make no sense") {
    const Dataset data{Eigen::MatrixXd::Identity(4, 4), Eigen::Vector4d{1, -1, 1, -1}};
    const auto refuses = [&](const FitOptions& options, const char* sentence) {
        CHECK_THROWS_WITH(fit(Linear{4}, LogisticLoss{}, data, options), contains(sentence));
    };
    refuses({.holdout = 1}, "FitOptions.holdout is 1");
    refuses({.patience = 0}, "FitOptions.patience is 0");
    refuses({.epochs = -1}, "FitOptions.epochs is -1");
    refuses({.l2 = -1}, "lambda is -1");
    CHECK_THROWS_WITH(fit(Linear{3}, LogisticLoss{}, data), contains("3"));
}
