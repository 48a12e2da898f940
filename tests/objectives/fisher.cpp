// SPDX-License-Identifier: MIT
#include "../ermine_catch.hpp"

#include <Eigen/Core>

#include <cmath>

#include <ermine/data/dataset.hpp>
#include <ermine/directions/newton_cg.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/losses/binary_cross_entropy.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/glorot.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/tanh.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/objectives/with_fisher.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/backtracking.hpp>

namespace {

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Dataset<DenseRows<double>> some_data(Index examples, auto target) {
    Rows x(examples, 3);
    VectorXd y(examples);
    Random random(11);
    for (Index i = 0; i < examples; ++i) {
        for (Index j = 0; j < 3; ++j) x(i, j) = random.normal();
        y[i] = target(random);
    }
    return {x, y};
}

/// A matrix by its products with the axes.
MatrixXd matrix_of(Index n, const auto& multiply) {
    MatrixXd all(n, n);
    VectorXd column;
    for (Index j = 0; j < n; ++j) {
        multiply(VectorXd::Unit(n, j).eval(), column);
        all.col(j) = column;
    }
    return all;
}

}  // namespace

TEST_CASE("The Fisher matrix is the mean outer product of gradients for targets of the model") {
    // over all targets that there are, each with its probability
    const auto check = [](const auto& risk, const auto& with_target, auto probability,
                          std::initializer_list<double> targets) {
        const VectorXd theta = initialize(risk, Glorot{}, 5);
        const MatrixXd F = matrix_of(theta.size(), [&](const VectorXd& v, VectorXd& Fv) {
            risk.fisher_product(theta, v, Fv);
        });
        MatrixXd mean = MatrixXd::Zero(theta.size(), theta.size());
        const PredictionBlock p = risk.predictions(theta);
        for (const double target : targets) {
            const auto other = with_target(target);
            for (std::int32_t i = 0; i < 8; ++i) {
                VectorXd g;
                other.value_and_gradient(theta, Batch{&i, 1}, g);
                mean += probability(p.row(i), target) / 8 * g * g.transpose();
            }
        }
        CHECK((F - mean).norm() < 1e-12 * F.norm());
        VectorXd a;
        VectorXd b;
        risk.gauss_newton_product(theta, theta, a);
        risk.fisher_product(theta, theta, b);
        CHECK(a == b);
        const auto penalized = risk + L2{0.1};
        penalized.fisher_product(theta, theta, a);
        b.head(risk.penalized()) += 0.1 * theta.head(risk.penalized());
        CHECK((a - b).norm() < 1e-14 * a.norm());
    };
    const auto constant = [](double value) { return some_data(8, [=](Random&) { return value; }); };
    const auto classes = [&](double target) {
        return EmpiricalRisk{network(3, dense(4), tanh(), dense(3)), SoftmaxCrossEntropy{},
                             constant(target)};
    };
    check(
        classes(0), classes,
        [](const auto& p, double k) { return std::exp(p[static_cast<Index>(k)]) / p.exp().sum(); },
        {0, 1, 2});
    const auto signs = [&](double target) {
        return EmpiricalRisk{network(3, dense(4), tanh(), dense(1)), LogisticLoss{},
                             constant(target)};
    };
    check(signs(1), signs, [](const auto& p, double y) { return 1 / (1 + std::exp(-y * p[0])); },
          {-1, 1});

    // a normal target: p ± 1 have the moments that count
    const auto normal =
        EmpiricalRisk{network(3, dense(4), tanh(), dense(1)), SquaredLoss{}, constant(0)};
    const VectorXd theta = initialize(normal, Glorot{}, 5);
    const PredictionBlock p = normal.predictions(theta);
    Index at = 0;
    MatrixXd mean = MatrixXd::Zero(theta.size(), theta.size());
    const EmpiricalRisk moved{normal.model(), SquaredLoss{},
                              some_data(8, [&](Random&) { return p(at++, 0) - 1; })};
    for (std::int32_t i = 0; i < 8; ++i) {
        VectorXd g;
        moved.value_and_gradient(theta, Batch{&i, 1}, g);
        mean += g * g.transpose() / 8;
    }
    const MatrixXd F = matrix_of(theta.size(), [&](const VectorXd& v, VectorXd& Fv) {
        normal.fisher_product(theta, v, Fv);
    });
    CHECK((F - mean).norm() < 1e-12 * F.norm());
}

TEST_CASE("Drawn targets have the model's distribution, and give its Fisher matrix") {
    // one layer and one example: A ⊗ G is the Fisher matrix itself, in the mean over what is drawn
    const auto check = [](const auto& risk, double tolerance) {
        const VectorXd theta =
            initialize(risk, Glorot{}, 5) + VectorXd::Constant(risk.parameters(), 0.2);
        KroneckerFactors<double> factors(risk.kronecker_blocks());
        const auto block = factors.blocks[0];
        MatrixXd G = MatrixXd::Zero(block.units, block.units);
        constexpr int draws = 20000;
        for (int k = 0; k < draws; ++k) {
            risk.kronecker_factors(theta, FactorTargets{.seed = static_cast<std::uint64_t>(k)},
                                   factors);
            G += KroneckerFactors<double>::slopes(block, factors.values) / draws;
        }
        const MatrixXd A = KroneckerFactors<double>::inputs(block, factors.values);
        const MatrixXd F = matrix_of(theta.size(), [&](const VectorXd& v, VectorXd& Fv) {
            risk.fisher_product(theta, v, Fv);
        });
        const auto place = [&](Index unit, Index column) {
            return column < block.inputs ? unit * block.inputs + column : block.bias + unit;
        };
        double worst = 0;
        for (Index u = 0; u < block.units; ++u)
            for (Index v = 0; v < block.units; ++v)
                for (Index i = 0; i < block.columns(); ++i)
                    for (Index j = 0; j < block.columns(); ++j)
                        worst = std::max(worst,
                                         std::abs(F(place(u, i), place(v, j)) - A(i, j) * G(u, v)));
        CHECK(worst < tolerance * F.norm());
        CHECK(worst > 0);

        // the empirical one is exact: the outer product of the gradient
        risk.kronecker_factors(theta, FactorTargets{.empirical = true}, factors);
        VectorXd g;
        risk.value_and_gradient(theta, g);
        for (Index u = 0; u < block.units; ++u)
            for (Index i = 0; i < block.columns(); ++i)
                CHECK(A(i, i) * KroneckerFactors<double>::slopes(block, factors.values)(u, u) ==
                      Approx(g[place(u, i)] * g[place(u, i)]));
    };
    const auto one = [](double target) { return some_data(1, [=](Random&) { return target; }); };
    // errors of 1/√20000 = 0.7 %, times a few
    check(EmpiricalRisk{network(3, dense(3)), SoftmaxCrossEntropy{}, one(2)}, 0.02);
    check(EmpiricalRisk{network(3, dense(1)), SquaredLoss{}, one(2)}, 0.03);
    check(EmpiricalRisk{network(3, dense(1)), LogisticLoss{}, one(1)}, 0.02);
    check(EmpiricalRisk{network(3, dense(1)), BinaryCrossEntropy{}, one(0.3)}, 0.02);
}

TEST_CASE("The empirical Fisher matrix counts the weights of examples once") {
    const auto data = some_data(40, [](Random& r) { return static_cast<double>(r.below(3)); });
    VectorXd weights(40);
    for (Index i = 0; i < 40; ++i) weights[i] = static_cast<double>(i % 4);
    const auto model = network(3, dense(4), tanh(), dense(3));
    const EmpiricalRisk plain{model, SoftmaxCrossEntropy{}, data};
    const EmpiricalRisk risk{model, SoftmaxCrossEntropy{}, data.with_weights(weights)};
    const VectorXd theta = initialize(risk, Glorot{}, 5);
    MatrixXd exact = MatrixXd::Zero(theta.size(), theta.size());
    for (std::int32_t i = 0; i < 40; ++i) {
        VectorXd g;
        plain.value_and_gradient(theta, Batch{&i, 1}, g);
        exact += weights[i] / weights.sum() * g * g.transpose();
    }
    const MatrixXd E = matrix_of(theta.size(), [&](const VectorXd& v, VectorXd& Ev) {
        risk.empirical_fisher_product(theta, v, Ev);
    });
    CHECK((E - exact).norm() < 1e-12 * exact.norm());
    // over a batch of everything the same
    std::vector<std::int32_t> all(40);
    for (std::int32_t i = 0; i < 40; ++i) all[static_cast<std::size_t>(i)] = i;
    VectorXd a;
    VectorXd b;
    risk.empirical_fisher_product(theta, theta, a);
    risk.empirical_fisher_product(theta, all, theta, b);
    CHECK((a - b).norm() < 1e-14 * a.norm());
}

TEST_CASE("The natural gradient is Newton's method with the Fisher matrix") {
    const auto data = some_data(60, [](Random& r) { return static_cast<double>(r.below(3)); });
    const EmpiricalRisk risk{network(3, dense(4), tanh(), dense(3)), SoftmaxCrossEntropy{}, data};
    const VectorXd x0 = initialize(risk, Glorot{}, 5);
    const auto method = FullGradient{} | NewtonCg{} | Backtracking{};
    const auto natural = minimize(with_fisher(risk), x0, method, MaxIterations{1});
    // the step that its first direction is
    VectorXd d;
    risk.value_and_gradient(x0, d);
    const VectorXd g = d;
    const MatrixXd F = matrix_of(
        d.size(), [&](const VectorXd& v, VectorXd& Fv) { risk.fisher_product(x0, v, Fv); });
    auto state = NewtonCg{}.start(with_fisher(risk), x0);
    NewtonCg{}.direct(with_fisher(risk), x0, d, state);
    CHECK((F * d - g).norm() <= std::min(0.5, std::sqrt(g.norm())) * g.norm());
    CHECK((natural.x - (x0 - d)).norm() < 1e-12);
    CHECK(natural.counts.products > 0);
    const auto far = minimize(with_fisher(risk), x0, method, MaxIterations{30});
    CHECK(far.value < 0.9 * risk.value(x0));
    CHECK(far.gradient_norm < 0.1 * g.lpNorm<Eigen::Infinity>());
}
