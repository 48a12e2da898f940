// SPDX-License-Identifier: MIT
// What objectives know of themselves, how they add up, and what they refuse.

#include "ermine_catch.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <Eigen/SparseCore>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/accuracy.hpp>
#include <ermine/losses/hinge.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/numerics/check_gradient.hpp>
#include <ermine/numerics/check_hessian.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/box.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/estimate_risk.hpp>
#include <ermine/objectives/finite_sum.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/no_penalty.hpp>
#include <ermine/objectives/objective.hpp>
#include <ermine/objectives/quadratic.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/objectives/with_lipschitz.hpp>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

MatrixXd numbers(Index n, Index d, std::uint64_t seed) {
    Random random{seed};
    return MatrixXd::NullaryExpr(n, d, [&] { return random.normal(); });
}

VectorXd signs(Index n, std::uint64_t seed) {
    Random random{seed};
    return VectorXd::NullaryExpr(n, [&] { return random.uniform() < 0.5 ? -1.0 : 1.0; });
}

const MatrixXd x = numbers(60, 4, 1);
const VectorXd y = signs(60, 2);
const VectorXd weights = numbers(60, 1, 3).cwiseAbs();

using Logistic = EmpiricalRisk<Linear, LogisticLoss, DenseRows<double>>;
static_assert(TwiceDifferentiable<Logistic> && CurvatureProducts<Logistic>);
static_assert(FiniteSum<Logistic> && Smooth<Logistic> && LipschitzContinuous<Logistic>);
static_assert(StronglyConvex<Logistic>);
using Hinge = EmpiricalRisk<Linear, HingeLoss, DenseRows<double>>;
static_assert(Differentiable<Hinge> && !TwiceDifferentiable<Hinge> && !CurvatureProducts<Hinge>);
static_assert(!Smooth<Hinge>);
using ZeroOne = EmpiricalRisk<Linear, ZeroOneLoss, DenseRows<double>>;
static_assert(Objective<ZeroOne> && !Differentiable<ZeroOne> && !FiniteSum<ZeroOne>);
using Right = EmpiricalRisk<Linear, Accuracy, DenseRows<double>>;
static_assert(Objective<Right> && !Differentiable<Right>);
using Smoothed = decltype(std::declval<Logistic>() + L2{});
static_assert(TwiceDifferentiable<Smoothed> && CurvatureProducts<Smoothed>);
static_assert(FiniteSum<Smoothed> && Smooth<Smoothed> && StronglyConvex<Smoothed>);
using Lasso = decltype(std::declval<Logistic>() + L1{});
static_assert(Composite<Lasso> && !Differentiable<Lasso> && FiniteSum<SmoothPart<Lasso>>);
static_assert(std::same_as<decltype(std::declval<Logistic>() + NoPenalty{}), Logistic>);
static_assert(TwiceDifferentiable<Rosenbrock, Eigen::Vector2d> && TwiceDifferentiable<Rosenbrock>);

}  // namespace

TEST_CASE("Constants of risks err to the safe side, and hardly") {
    for (const Index d : {3, 40, 600}) {
        const MatrixXd wide = numbers(200, d, 5);
        const VectorXd w = numbers(200, 1, 6).cwiseAbs();
        const VectorXd target = signs(200, 7);
        MatrixXd extended(200, d + 1);
        extended << wide, VectorXd::Ones(200);
        const MatrixXd gram = extended.transpose() * w.asDiagonal() * extended / w.sum();
        const VectorXd spectrum = Eigen::SelfAdjointEigenSolver<MatrixXd>(gram).eigenvalues();
        const double slack = d > GramSpectrum<DenseRows<double>>::exact_size ? 1.04 : 1 + 2e-6;

        const Dataset data{wide, target, w};
        const EmpiricalRisk logistic{Linear{d}, LogisticLoss{}, data};
        CHECK(logistic.smoothness() >= 0.25 * spectrum.maxCoeff());
        CHECK(logistic.smoothness() <= 0.25 * spectrum.maxCoeff() * slack);
        CHECK(logistic.strong_convexity() == 0);
        CHECK((logistic + L2{0.1}).strong_convexity() == 0);
        CHECK((logistic + L2{0.1}).smoothness() == Approx(logistic.smoothness() + 0.1));

        const double longest =
            (extended.rowwise().squaredNorm().array() * w.array()).maxCoeff() * 200 / w.sum();
        CHECK(logistic.smoothness_per_example() == Approx(0.25 * longest));
        CHECK(logistic.smoothness_per_example() >= 0.25 * longest);
        CHECK(logistic.lipschitz() == Approx(extended.rowwise().norm().dot(w) / w.sum()));

        const Linear through_origin{.features = d, .intercept = false};
        const EmpiricalRisk free{through_origin, LogisticLoss{}, data};
        CHECK((free + L2{0.1}).strong_convexity() == Approx(0.1));
        CHECK((free + L2{0.1} + L2{0.2}).strong_convexity() == Approx(0.3));
        CHECK((free + ElasticNet{.l1 = 1, .l2 = 0.1}).strong_convexity() == Approx(0.1));

        const EmpiricalRisk squared{Linear{d}, SquaredLoss{}, data};
        MatrixXd shifted = gram;
        shifted.diagonal().head(d).array() += 0.1;
        const double mu = Eigen::SelfAdjointEigenSolver<MatrixXd>(shifted).eigenvalues().minCoeff();
        CHECK((squared + L2{0.1}).strong_convexity() <= mu);
        if (d < 200) {
            CHECK(squared.strong_convexity() <= spectrum.minCoeff());
            CHECK(squared.strong_convexity() == Approx(spectrum.minCoeff()).epsilon(1e-5));
            CHECK((squared + L2{0.1}).strong_convexity() == Approx(mu).epsilon(1e-5));
        }
        const Eigen::SparseMatrix<double, Eigen::RowMajor> sparse = wide.sparseView();
        const EmpiricalRisk same{Linear{d}, SquaredLoss{}, Dataset{sparse, target, w}};
        CHECK(same.smoothness() == Approx(squared.smoothness()).epsilon(0.03));
    }
}

TEST_CASE("The gradient of a risk obeys its smoothness, many outputs included") {
    const VectorXd classes = (y.array() + 1) / 2;
    const EmpiricalRisk risk{LinearMulticlass{4, 3}, SoftmaxCrossEntropy{}, Dataset{x, classes}};
    const MatrixXd steps = numbers(15, 20, 8);
    VectorXd g;
    VectorXd h;
    for (Index k = 0; k < 20; ++k) {
        risk.value_and_gradient(VectorXd::Zero(15), g);
        risk.value_and_gradient(steps.col(k), h);
        CHECK((g - h).norm() <= risk.smoothness() * steps.col(k).norm());
    }
}

TEST_CASE("Penalties leave the intercept alone, and add up in any order") {
    const Logistic risk{Linear{4}, LogisticLoss{}, Dataset{x, y}};
    const VectorXd theta = numbers(5, 1, 9);
    const double norm = theta.head(4).norm();
    CHECK((risk + L2{2}).value(theta) == Approx(risk.value(theta) + norm * norm));
    const auto one = risk + L1{0.3} + L2{0.2};
    const auto other = risk + L2{0.2} + L1{0.3};
    static_assert(std::same_as<decltype(one), decltype(other)>);
    CHECK(one.value(theta) == other.value(theta));
    CHECK(one.value(theta) == Approx(one.smooth_part().value(theta) + one.penalty(theta)));
    CHECK(one.penalty(theta) == Approx(0.3 * theta.head(4).lpNorm<1>()));
    CHECK(one.value(theta) == Approx((risk + ElasticNet{.l1 = 0.3, .l2 = 0.2}).value(theta)));

    VectorXd moved = theta;
    one.prox(moved, 1e6);
    CHECK(moved.head(4).isZero());
    CHECK(moved[4] == theta[4]);
    VectorXd boxed = theta;
    (risk + Box{.lower = 0, .upper = 0.1}).prox(boxed, 1);
    CHECK(boxed.head(4).minCoeff() >= 0);
    CHECK(boxed[4] == theta[4]);

    // Without penalized(), all coordinates are penalized.
    const auto plain = objective([](const VectorXd& v) { return v.sum(); },
                                 [](const VectorXd& v) { return VectorXd::Ones(v.size()); });
    CHECK((plain + L2{2}).value(theta) == Approx(theta.sum() + theta.squaredNorm()));
    CHECK(check_gradient(plain + L2{2}, theta).ok());
    CHECK_THROWS_WITH(risk + L2{-1}, contains("L2: lambda is -1"));
    CHECK_THROWS_WITH(risk + L1{-1}, contains("L1: lambda is -1"));
}

TEST_CASE("Predictions, losses, measures and estimates belong together") {
    const Dataset data{x, y, weights};
    const VectorXd theta = numbers(5, 1, 10);
    const ZeroOne errors{Linear{4}, ZeroOneLoss{}, data};
    const Right right{Linear{4}, Accuracy{}, data};
    CHECK(errors.value(theta) == Approx(1 - right.value(theta)));
    const Eigen::ArrayXd p = errors.predictions(theta);
    CHECK((p.matrix() - x * theta.head(4) - VectorXd::Constant(60, theta[4])).norm() < 1e-13);
    const Eigen::ArrayXd losses = errors.losses(theta);
    CHECK((losses == (p * y.array() <= 0).cast<double>()).all());
    const RiskEstimate estimate = estimate_risk(errors, theta);
    CHECK(estimate.mean == Approx(errors.value(theta)));
    CHECK(estimate.standard_error > 0);
    const VectorXd classes = (y.array() + 1) / 2;
    const EmpiricalRisk many{LinearMulticlass{4, 2}, ZeroOneLoss{}, Dataset{x, classes, weights}};
    const EmpiricalRisk many_right{LinearMulticlass{4, 2}, Accuracy{},
                                   Dataset{x, classes, weights}};
    const VectorXd both = numbers(10, 1, 11);
    CHECK(many.value(both) == Approx(1 - many_right.value(both)));
}

TEST_CASE("An example of weight 0 counts nothing, whatever its loss") {
    MatrixXd far = x;
    far.row(7).setConstant(1e200);
    VectorXd w = VectorXd::Ones(60);
    w[7] = 0;
    const EmpiricalRisk risk{Linear{4}, SquaredLoss{}, Dataset{far, y, w}};
    VectorXd g;
    CHECK(std::isfinite(risk.value_and_gradient(VectorXd::Ones(5), g)));
    CHECK(g.allFinite());
}

TEST_CASE("A risk has the same bits on one thread and on two") {
    const Index n = 40'000;
    const MatrixXd large = numbers(n, 17, 12);
    const VectorXd target = signs(n, 13);
    const Eigen::SparseMatrix<double, Eigen::RowMajor> sparse = large.sparseView(1.0, 1.0);
    const EmpiricalRisk dense_risk{Linear{17}, LogisticLoss{}, Dataset{large, target}};
    const EmpiricalRisk sparse_risk{Linear{17}, LogisticLoss{}, Dataset{sparse, target}};
    const VectorXd theta = numbers(18, 1, 14);
    const auto all = [&](const auto& risk, int threads) {
#ifdef _OPENMP
        omp_set_num_threads(threads);
#else
        static_cast<void>(threads);
#endif
        VectorXd g;
        VectorXd product;
        MatrixXd h;
        VectorXd result(2 + 18 + 18 + 18 * 18);
        const double value = risk.value_and_gradient(theta, g);
        risk.hessian_product(theta, theta, product);
        risk.hessian(theta, h);
        result << value, risk.value(theta), g, product, h.reshaped();
        return result;
    };
    CHECK((all(dense_risk, 1).array() == all(dense_risk, 2).array()).all());
    CHECK((all(sparse_risk, 1).array() == all(sparse_risk, 2).array()).all());
}

TEST_CASE("Risks refuse what does not fit") {
    const Dataset data{x, y};
    CHECK_THROWS_WITH((EmpiricalRisk{Linear{3}, LogisticLoss{}, data}),
                      contains("takes 3 features, but the data is 60 x 4"));
    VectorXd zero_one = (y.array() + 1) / 2;
    zero_one.head<2>() << 1, 0;
    CHECK_THROWS_WITH((EmpiricalRisk{Linear{4}, LogisticLoss{}, data.with_targets(zero_one)}),
                      contains("target of example 1 is 0.0") && contains("binary_targets(data)"));
    CHECK_THROWS_WITH((EmpiricalRisk{Linear{4}, ZeroOneLoss{}, data.with_targets(zero_one)}),
                      contains("ZeroOneLoss takes -1 or +1"));
    CHECK_THROWS_WITH((EmpiricalRisk{LinearMulticlass{4, 2}, SoftmaxCrossEntropy{}, data}),
                      contains("class numbers from 0 to 1") && contains("class_targets(data)"));
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> holed = x;
    holed(2, 3) = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH((EmpiricalRisk{Linear{4}, LogisticLoss{}, borrow(holed, y)}),
                      contains("feature 3 of example 2 is") && contains("nan"));

    const Logistic risk{Linear{4}, LogisticLoss{}, data};
    VectorXd g;
    CHECK_THROWS_WITH(risk.value(VectorXd::Zero(4)), contains("has 4 numbers, the model 5"));
    const std::vector<std::int32_t> outside{0, 60};
    const std::vector<std::int32_t> negative{0, -1};
    CHECK_THROWS_WITH(risk.value_and_gradient(risk.zero(), Batch{outside}, g),
                      contains("names example 60, there are 60"));
    CHECK_THROWS_WITH(risk.value_and_gradient(risk.zero(), Batch{negative}, g), contains("-1"));
    CHECK_THROWS_WITH(risk.value_and_gradient(risk.zero(), Batch{}, g), contains("empty"));
}

TEST_CASE("Sums and functions of one's own") {
    const VectorXd theta = numbers(4, 1, 15);
    const auto automatic = finite_sum(60, [](Index i, const auto& w) {
        auto p = 0 * w[0];
        for (Index j = 0; j < 4; ++j) p += x(i, j) * w[j];
        return p * p / 2 - y[i] * p;
    });
    const auto by_hand = finite_sum(60, [](Index i, const VectorXd& w, VectorXd& g) {
        const double p = x.row(i).dot(w);
        g += (p - y[i]) * x.row(i).transpose();
        return p * p / 2 - y[i] * p;
    });
    static_assert(FiniteSum<decltype(automatic)> && TwiceDifferentiable<decltype(automatic)>);
    static_assert(FiniteSum<decltype(by_hand)> && !TwiceDifferentiable<decltype(by_hand)>);
    VectorXd g;
    VectorXd h;
    CHECK(automatic.value_and_gradient(theta, g) == Approx(by_hand.value_and_gradient(theta, h)));
    CHECK((g - h).norm() < 1e-13);
    CHECK(check_hessian(automatic, theta).ok());
    const std::vector<std::int32_t> batch{3, 5, 7};
    CHECK(automatic.value_and_gradient(theta, Batch{batch}, g) ==
          Approx(by_hand.value_and_gradient(theta, Batch{batch}, h)));
    CHECK((g - h).norm() < 1e-13);
    CHECK_THROWS_WITH(finite_sum(0, [](Index, const VectorXd&) { return 0.0; }),
                      contains("n is 0"));

    const auto known = with_lipschitz(by_hand, {.gradient = 4});
    static_assert(Smooth<decltype(known)> && FiniteSum<decltype(known)>);
    CHECK(known.smoothness() == 4);
    CHECK(std::isnan(known.lipschitz()));
    CHECK_THROWS_WITH(with_lipschitz(by_hand, {.value = -1}), contains("must not be negative"));

    const auto full = objective(
        [](const VectorXd& v) { return v.squaredNorm() / 2; },
        [](const VectorXd& v, VectorXd& out) { out = v; },
        [](const VectorXd& v) -> MatrixXd { return MatrixXd::Identity(v.size(), v.size()); });
    CHECK(check_gradient(full, theta).ok());
    CHECK(check_hessian(full, theta).ok());
}

TEST_CASE("Test functions have the derivatives and minima that they state") {
    for (const Index n : {2, 3, 10}) {
        const VectorXd at = numbers(n, 1, 16);
        CHECK(check_gradient(Rosenbrock{}, at).ok());
        CHECK(check_hessian(Rosenbrock{}, at).ok());
        VectorXd g;
        CHECK(Rosenbrock{}.value_and_gradient(Rosenbrock::minimum<VectorXd>(n), g) == 0);
        CHECK(g.isZero());
    }
    CHECK_THROWS_WITH(Rosenbrock{}.value(VectorXd(VectorXd::Ones(1))), contains("at least 2"));

    const Eigen::Matrix2d a{{2.0, 1.0}, {1.0, 3.0}};
    const auto bowl = Quadratic<Eigen::Vector2d>::around(a, {1, -2});
    static_assert(TwiceDifferentiable<decltype(bowl), Eigen::Vector2d>);
    Eigen::Vector2d g;
    CHECK(std::abs(bowl.value_and_gradient({1, -2}, g)) < 1e-15);
    CHECK(g.isZero());
    CHECK(check_gradient(bowl, Eigen::Vector2d{0.3, 0.4}).ok());
    CHECK(check_hessian(bowl, Eigen::Vector2d{0.3, 0.4}).ok());
    CHECK(bowl.smoothness() == Approx((5 + std::sqrt(5.0)) / 2).epsilon(1e-14));
    CHECK(bowl.strong_convexity() == Approx((5 - std::sqrt(5.0)) / 2).epsilon(1e-14));
    const Eigen::Matrix2d saddle{{0.0, -3.0}, {-3.0, 0.0}};
    CHECK(Quadratic{saddle, Eigen::Vector2d(0, 0)}.smoothness() == Approx(3));
    CHECK(Quadratic{saddle, Eigen::Vector2d(0, 0)}.strong_convexity() == 0);
    const MatrixXd square = MatrixXd::Identity(3, 3);
    CHECK_THROWS_WITH((Quadratic{square, VectorXd(VectorXd::Ones(2))}),
                      contains("A is 3 x 3, b has length 2"));
    CHECK_THROWS_WITH((Quadratic{MatrixXd{{1.0, 2.0}, {0.0, 1.0}}, VectorXd(VectorXd::Ones(2))}),
                      contains("not symmetric"));
}
