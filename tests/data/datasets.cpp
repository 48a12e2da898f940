// SPDX-License-Identifier: MIT
#include <Eigen/Eigenvalues>
#include <Eigen/SparseCore>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <ermine/data/blobs.hpp>
#include <ermine/data/class_weights.hpp>
#include <ermine/data/logistic_data.hpp>
#include <ermine/data/regression_with_outliers.hpp>
#include <ermine/data/sparse_power_law.hpp>
#include <ermine/data/spirals.hpp>
#include <ermine/data/split.hpp>
#include <ermine/data/standardization.hpp>
#include <ermine/data/targets.hpp>
#include <ermine/data/two_moons.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::Vector2d;
using Eigen::Vector3d;
using Eigen::VectorXd;

namespace {

MatrixXd dense(const SparseRows<double>& rows) {
    MatrixXd x = MatrixXd::Zero(rows.examples, rows.features);
    for (Index i = 0; i < rows.examples; ++i) {
        for (std::size_t k = 0; k < rows.row_values(i).size(); ++k) {
            x(i, rows.row_columns(i)[k]) = rows.row_values(i)[k];
        }
    }
    return x;
}

const double infinity = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("A dataset copies dense and sparse matrices of either order") {
    MatrixXd x(3, 4);
    x << 1, 0, 2, 0, 0, 0, 0, 3, 4, 5, 0, 6;
    const Vector3d y(1, -1, 2);
    const Dataset data{x, y};
    static_assert(std::same_as<decltype(data), const Dataset<DenseRows<double>>>);
    CHECK(data.rows().matrix() == x);
    CHECK(data.rows().row(2)[3] == 6);
    CHECK(data.targets() == y);
    CHECK_FALSE(data.weighted());
    CHECK(data.weights().size() == 0);
    CHECK(data.class_names().empty());

    const Dataset single{x.cast<float>(), y.cast<int>()};
    static_assert(std::same_as<decltype(single), const Dataset<DenseRows<float>>>);
    CHECK(single.targets() == y);

    const VectorXd w = VectorXd::LinSpaced(x.cols(), 1, 2);  // targets from a model: a product
    const Dataset planted{x, x * w, (x * w).cwiseAbs()};
    CHECK(planted.targets() == VectorXd(x * w));
    CHECK(planted.weights() == VectorXd((x * w).cwiseAbs()));
    CHECK(planted.with_targets((x * w).array()).targets() == planted.targets());

    Eigen::SparseMatrix<double> by_columns = x.sparseView();
    Eigen::SparseMatrix<double, Eigen::RowMajor> by_rows = by_columns;
    const Dataset sparse{by_columns, y, Vector3d(1, 0, 2)};
    static_assert(std::same_as<decltype(sparse), const Dataset<SparseRows<double>>>);
    CHECK(dense(sparse.rows()) == x);
    CHECK(sparse.rows().nonzeros() == 6);
    CHECK(sparse.rows().nonzeros(1) == 1);
    CHECK(sparse.weights() == Vector3d(1, 0, 2));
    by_rows.reserve(Eigen::VectorXi::Constant(3, 7));  // no longer compressed
    by_rows.insert(1, 0) = 9;
    CHECK_FALSE(by_rows.isCompressed());
    x(1, 0) = 9;
    CHECK(dense(Dataset{by_rows, y}.rows()) == x);
}

TEST_CASE("Copies share memory, views borrow it") {
    auto data = std::make_unique<Dataset<DenseRows<double>>>(MatrixXd::Ones(2, 3), Vector2d(1, 2));
    const Dataset copy = *data;
    CHECK(copy.rows().values == data->rows().values);
    data.reset();
    CHECK(copy.rows().matrix().sum() == 6);
    CHECK(copy.targets() == Vector2d(1, 2));

    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> x(3, 4);
    x << 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12;
    const VectorXd y = Vector3d(1, 2, 3);
    const auto borrowed = borrow(x, y);
    CHECK(borrowed.rows().values == x.data());
    const auto block = x.middleCols(1, 2);
    const auto part = borrow(block, y);
    CHECK(part.rows().stride == 4);
    CHECK(part.rows().matrix() == x.middleCols(1, 2));
    const std::vector<std::int32_t> chosen{2, 0, 2};
    const auto gathered = part.select(chosen);
    CHECK(gathered.rows().matrix().col(0) == Vector3d(10, 2, 10));
    CHECK(gathered.targets() == Vector3d(3, 1, 3));
}

TEST_CASE("Bad data is refused with its shapes and numbers") {
    const MatrixXd x = MatrixXd::Ones(3, 2);
    const Vector3d y(1, 2, 3);
    CHECK_THROWS_WITH((Dataset{x, Vector2d(1, 2)}), contains("X is 3 x 2, y has length 2"));
    CHECK_THROWS_WITH((Dataset{x, y, Vector2d(1, 2)}), contains("weights has length 2"));
    CHECK_THROWS_WITH((Dataset{x, y, Vector3d(1, -1, 0)}), contains("weights[1] is -1"));
    CHECK_THROWS_WITH((Dataset{x, y, Vector3d(0, 0, 0)}), contains("all weights are 0"));
    CHECK_THROWS_WITH((Dataset{x, Vector3d(1, 2, infinity)}), contains("y[2] is inf"));
    MatrixXd bad = x;
    bad(1, 1) = std::nan("");
    CHECK_THROWS_WITH((Dataset{bad, y}), contains("X(1, 1) is"));
    Eigen::SparseMatrix<double> sparse = bad.sparseView();
    CHECK_THROWS_WITH((Dataset{sparse, y}), contains("X(1, 1) is"));
    CHECK_THROWS_WITH((Dataset{MatrixXd(0, 2), VectorXd(0)}), contains("no rows"));
    const Dataset data{x, y};
    CHECK_THROWS_AS(data.select(std::vector<std::int32_t>{3}), std::out_of_range);
    CHECK_THROWS_AS(data.select(std::vector<std::int32_t>{-1}), std::out_of_range);
    CHECK_THROWS_AS(data.select(std::vector<std::int32_t>{}), std::invalid_argument);
    CHECK_THROWS_WITH(data.with_feature_names({"a"}), contains("1 feature names for 2 features"));
    CHECK_THROWS_WITH(data.with_targets(Vector2d(1, 2)), contains("y has length 2"));
}

TEST_CASE("Targets become the targets of losses, and keep their names") {
    const MatrixXd x = MatrixXd::Ones(4, 1);
    const Dataset data{x, Eigen::Vector4d(4, 2, 2, 4)};
    const auto binary = binary_targets(data);
    CHECK(binary.targets() == Eigen::Vector4d(1, -1, -1, 1));
    CHECK(binary.class_names() == std::vector<std::string>{"2", "4"});
    CHECK(binary_targets(binary).class_names() == binary.class_names());
    const auto classes = class_targets(binary);
    CHECK(classes.targets() == Eigen::Vector4d(1, 0, 0, 1));
    CHECK(classes.class_names() == binary.class_names());
    const auto named =
        data.with_targets(Eigen::Vector4d(0, 2, 1, 2)).with_class_names({"a", "b", "c"});
    CHECK(class_targets(named).class_names() == named.class_names());
    CHECK_THROWS_WITH(binary_targets(named), contains("the targets have 3 values"));
    CHECK_THROWS_WITH(class_targets(data.with_targets(Eigen::Vector4d::Ones())),
                      contains("have 1 values"));
}

TEST_CASE("Class weights multiply example weights") {
    const MatrixXd x = MatrixXd::Ones(4, 1);
    const Dataset data{x, Eigen::Vector4d(1, -1, -1, -1)};
    CHECK(class_weighted(data, {{1, 10}}).weights() == Eigen::Vector4d(10, 1, 1, 1));
    const auto even = balanced(data);
    CHECK(even.weights().isApprox(Eigen::Vector4d(2, 2.0 / 3, 2.0 / 3, 2.0 / 3), 1e-15));
    CHECK(class_weighted(even, {{-1, 3}}).weights().isApprox(Eigen::Vector4d::Constant(2), 1e-15));
    const auto weighted = balanced(data.with_weights(Eigen::Vector4d(6, 1, 1, 0)));
    CHECK(weighted.weights().isApprox(Eigen::Vector4d(4, 2, 2, 0), 1e-15));
    CHECK_THROWS_WITH(class_weighted(data, {{2, 1}}), contains("no example has the target 2"));
    CHECK_THROWS_WITH(class_weighted(data, {{1, -1}}), contains("-1"));
}

TEST_CASE("A split is a partition that keeps the shares of the classes") {
    const Index n = 1003;
    VectorXd y(n);
    for (Index i = 0; i < n; ++i) {
        y[i] = static_cast<double>(i % 10 == 0 ? 2 : i % 3);
    }
    const MatrixXd x = VectorXd::LinSpaced(n, 0, static_cast<double>(n - 1));
    for (const double holdout : {0.001, 0.2, 0.5, 0.75}) {
        const auto [train, held_out] = split(Dataset{x, y}, {.holdout = holdout, .seed = 3});
        CHECK(held_out.examples() == std::llround(holdout * n));
        std::vector<int> seen(static_cast<std::size_t>(n), 0);
        for (const auto* part : {&train, &held_out}) {
            for (Index i = 0; i < part->examples(); ++i) {
                const double row = part->rows().row(i)[0];
                ++seen[static_cast<std::size_t>(row)];
                CHECK(part->targets()[i] == y[static_cast<Index>(row)]);
                CHECK((i == 0 || part->rows().row(i - 1)[0] < row));
            }
        }
        CHECK(seen == std::vector<int>(static_cast<std::size_t>(n), 1));
        for (const double k : {0., 1., 2.}) {
            const double share = holdout * static_cast<double>((y.array() == k).count());
            CHECK(std::abs(static_cast<double>((held_out.targets().array() == k).count()) - share) <
                  1.01);
        }
    }
    const auto first = split(Dataset{x, y}).held_out;
    CHECK(split(Dataset{x, y}).held_out.rows().matrix() == first.rows().matrix());
    CHECK(split(Dataset{x, y}, {.seed = 8}).held_out.rows().matrix() != first.rows().matrix());
    CHECK(split(Dataset{x, VectorXd(x.col(0) / 7)}).held_out.examples() == 201);  // no classes
    CHECK_THROWS_WITH(split(Dataset{x, y}, {.holdout = 1}), contains("not between 0 and 1"));
    CHECK_THROWS_WITH(split(Dataset{x, y}, {.holdout = std::nan("")}), contains("not between"));
    CHECK_THROWS_WITH(split(Dataset{x, y}, {.holdout = 1e-4}), contains("leaves one part empty"));
}

TEST_CASE("Standardized features have mean 0 and deviation 1") {
    const Index n = 500;
    MatrixXd x = MatrixXd::Random(n, 4);
    x.col(0).array() = 1e9 + x.col(0).array();  // cancels badly in one pass
    x.col(1).setConstant(0.1);                  // constant, and no mean of n equals it exactly
    x.col(2) *= 1e-200;
    const VectorXd y = VectorXd::Random(n);
    VectorXd weights = VectorXd::Random(n).cwiseAbs();
    weights.head(7).setZero();
    for (const Dataset<DenseRows<double>>& data : {Dataset{x, y}, Dataset{x, y, weights}}) {
        const VectorXd w = data.weighted() ? VectorXd(weights) : VectorXd::Ones(n);
        const auto standard = Standardization::fit(data);
        const auto result = standard.apply(data);
        const MatrixXd z = result.rows().matrix();
        CHECK((w.transpose() * z).cwiseAbs().maxCoeff() / w.sum() <
              2e-7);  // 1e9 has steps of 1.2e-7
        const VectorXd variance = (w.transpose() * z.cwiseAbs2()).transpose() / w.sum();
        CHECK(variance[0] == Approx(1).epsilon(1e-7));
        CHECK(variance[3] == Approx(1).epsilon(1e-12));
        CHECK(z.col(1).isZero(0));
        CHECK(standard.scale[1] == 1);
        CHECK(result.targets().data() == data.targets().data());
        CHECK(result.weighted() == data.weighted());

        // The model of raw features makes the same predictions.
        MatrixXd coefficients = MatrixXd::Random(4, 2);
        VectorXd intercepts = Vector2d(0.5, -1);
        MatrixXd predictions = z * coefficients;
        predictions.rowwise() += intercepts.transpose();
        standard.unstandardize(coefficients, intercepts);
        MatrixXd raw = x * coefficients;
        raw.rowwise() += intercepts.transpose();
        CHECK((raw - predictions).cwiseAbs().maxCoeff() < 1e-6);
    }
    const auto scaled = Standardization::fit(Dataset{x, y}, false);
    CHECK(scaled.mean.isZero(0));
    CHECK(scaled.scale == Standardization::fit(Dataset{x, y}).scale);
    const Dataset other{MatrixXd::Ones(2, 3), Vector2d(1, 2)};
    CHECK_THROWS_WITH(scaled.apply(other), contains("learnt from 4 features, applied to 3"));
    const MatrixXd huge = MatrixXd::Identity(2, 2) * 1e300;
    CHECK_THROWS_WITH(Standardization::fit(Dataset{huge, Vector2d(1, 2)}), contains("too large"));
}

TEST_CASE("Sparse features are scaled as the dense ones are, and not centred") {
    MatrixXd x = MatrixXd::Random(60, 5);
    x = (x.array() > 0.2).select(x, 0);
    x.col(1).setZero();
    x.col(2).setConstant(3);
    const VectorXd y = VectorXd::Ones(60);
    VectorXd weights = VectorXd::Random(60).cwiseAbs();
    weights[4] = 0;
    Eigen::SparseMatrix<double> s = x.sparseView();
    const auto from_dense = Standardization::fit(Dataset{x, y, weights}, false);
    const Dataset sparse{s, y, weights};
    const auto from_sparse = Standardization::fit(sparse);
    CHECK(from_sparse.scale.isApprox(from_dense.scale, 1e-13));
    CHECK(from_sparse.scale[1] == 1);
    CHECK(from_sparse.scale[2] == 1);
    CHECK(from_sparse.mean.isZero(0));
    const auto z = from_sparse.apply(sparse);
    CHECK(z.rows().nonzeros() == sparse.rows().nonzeros());
    CHECK(dense(z.rows()).isApprox(x * from_sparse.scale.cwiseInverse().asDiagonal(), 1e-15));
    CHECK_THROWS_WITH(Standardization::fit(Dataset{x, y}).apply(sparse),
                      contains("cannot be centred"));
}

TEST_CASE("Generated data is what it says, and the same for the same seed") {
    const auto logistic = logistic_data({.examples = 400, .features = 8, .condition = 1e4});
    const MatrixXd x = logistic.data.rows().matrix();
    const VectorXd values =
        Eigen::SelfAdjointEigenSolver<MatrixXd>(x.transpose() * x / 400).eigenvalues();
    CHECK(values[7] == Approx(1).epsilon(1e-12));
    CHECK(values[7] / values[0] == Approx(1e4).epsilon(1e-9));
    const VectorXd margins = x * logistic.truth;
    CHECK(margins.norm() / 20 == Approx(3).epsilon(1e-12));
    // Errors of the true model: their number has the mean Σ p (1 - …) that the margins give.
    const VectorXd wrong = (1 + margins.array().abs().exp()).inverse();
    const auto errors = (margins.array() * logistic.data.targets().array() < 0).count();
    const double deviation = std::sqrt((wrong.array() * (1 - wrong.array())).sum());
    CHECK(std::abs(static_cast<double>(errors) - wrong.sum()) < 4 * deviation);
    CHECK(logistic_data().data.rows().matrix() == logistic_data().data.rows().matrix());
    CHECK(logistic_data({.seed = 8}).data.rows().matrix() != logistic_data().data.rows().matrix());
    CHECK_THROWS_WITH(logistic_data({.examples = 3}), contains("as many examples"));
    CHECK_THROWS_WITH(logistic_data({.label_noise = 0.6}), contains("label_noise is 0.6"));

    const auto moons = two_moons({.examples = 50, .noise = 0});
    for (Index i = 0; i < 50; ++i) {
        const double sign = moons.targets()[i];
        const double dx = moons.rows().row(i)[0] - (sign < 0 ? 0 : 1);
        const double dy = moons.rows().row(i)[1] - (sign < 0 ? 0 : 0.5);
        CHECK(std::hypot(dx, dy) == Approx(1).epsilon(1e-12));
        CHECK(dy * sign <= 0);
    }

    const auto clouds = blobs({.examples = 90, .features = 3, .classes = 3, .spread = 0});
    CHECK(distinct_targets(clouds) == std::vector<double>{0, 1, 2});
    CHECK(clouds.rows().matrix().row(4) == clouds.rows().matrix().row(7));
    CHECK(distinct_targets(spirals({.classes = 4})).size() == 4);
    CHECK(spirals({.noise = 0}).rows().matrix().rowwise().norm().maxCoeff() <= 1);
    CHECK_THROWS_WITH(blobs({.classes = 0}), contains("BlobsOptions::classes"));

    const auto linear = regression_with_outliers({.noise = 0, .outliers = 0.15});
    const VectorXd residuals = linear.data.targets() - linear.data.rows().matrix() * linear.truth;
    CHECK((residuals.array() > 9.9 && residuals.array() < 20).count() == 30);
    CHECK((residuals.array().abs() < 1e-12).count() == 170);

    const auto [words, truth] = sparse_power_law({.examples = 300, .features = 500, .words = 20});
    const MatrixXd bag = dense(words.rows());
    CHECK(bag.rowwise().norm().isApproxToConstant(1, 1e-12));
    CHECK(((bag * truth).array() * words.targets().array() > 0).all());
    CHECK((bag.col(0).array() > 0).count() > 5 * (bag.col(99).array() > 0).count());
    for (Index i = 0; i < 300; ++i) {
        const auto columns = words.rows().row_columns(i);
        CHECK(std::adjacent_find(columns.begin(), columns.end(), std::greater_equal<>()) ==
              columns.end());
    }
}
