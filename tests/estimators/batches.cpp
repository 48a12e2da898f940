// SPDX-License-Identifier: MIT
// Held batches, accumulated ones, and gradients from values alone.
#include "../laws/known_minima.hpp"
#include "../solvers/counting_malloc.hpp"
#include "ermine_catch.hpp"

#include <Eigen/SparseCore>
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/data/with_replacement.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/lbfgs.hpp>
#include <ermine/directions/newton.hpp>
#include <ermine/directions/newton_cg.hpp>
#include <ermine/estimators/accumulated.hpp>
#include <ermine/estimators/held.hpp>
#include <ermine/estimators/spsa.hpp>
#include <ermine/estimators/subsampled_hessian.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/backtracking.hpp>
#include <ermine/steps/strong_wolfe.hpp>

using namespace ermine;
using Eigen::VectorXd;

namespace {

auto risk(Index n, Index d) {
    Random random(4);
    const Eigen::MatrixXd x = normal_matrix(n, d, random);
    VectorXd y(n);
    for (Index i = 0; i < n; ++i) y[i] = random.uniform() < 0.4 ? 1 : -1;
    return EmpiricalRisk{Linear{d}, LogisticLoss{}, Dataset{x, y}} + L2{0.05};
}

/// Notes the batches that gradients are taken over.
struct Watched {
    std::vector<std::vector<std::int32_t>>* batches;
    Index examples() const { return 10; }
    double value(const VectorXd& x) const { return x.squaredNorm(); }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        g = 2 * x;
        return value(x);
    }
    double value_and_gradient(const VectorXd& x, Batch batch, VectorXd& g) const {
        batches->emplace_back(batch.begin(), batch.end());
        return value_and_gradient(x, g);
    }
};

long allocations(const auto& f, const auto& method) {
    long after_first = -1;
    long at_end = -1;
    const auto watch = [&](const auto& p) {
        at_end = small_allocations + large_allocations;
        if (p.iteration() == 1) after_first = at_end;
    };
    const auto result = minimize(f, f.zero(), method, MaxIterations{12}, watch);
    CHECK(result.iterations == 12);
    return at_end - after_first;
}

}  // namespace

TEST_CASE("a held batch is the same for so many steps") {
    std::vector<std::vector<std::int32_t>> seen;
    const auto result =
        minimize(Watched{&seen}, VectorXd::Ones(1).eval(),
                 held(Minibatch{.size = 5, .seed = 3}, {.steps = 3}) | Constant{.size = 0.1},
                 MaxIterations{9});
    REQUIRE(seen.size() == 9);
    CHECK(result.epochs == Approx(9 * 0.5));
    for (std::size_t k = 0; k < 9; ++k) CHECK(seen[k] == seen[k / 3 * 3]);
    // and the batches are those of the estimator without it
    std::vector<std::vector<std::int32_t>> free;
    const auto other = minimize(Watched{&free}, VectorXd::Ones(1).eval(),
                                sgd(0.1, {.size = 5, .seed = 3}), MaxIterations{3});
    REQUIRE(other.iterations == 3);
    for (std::size_t k = 0; k < 3; ++k) CHECK(seen[3 * k] == free[k]);

    const auto f = risk(200, 5);
    CHECK_THROWS_WITH(
        minimize(f, f.zero(), held(Minibatch{}, {.steps = 0}) | Constant{.size = 0.1}),
        contains("held: steps is 0"));
    CHECK_THROWS_WITH(minimize(f, f.zero(), held(Minibatch{.size = 201}) | Constant{.size = 0.1}),
                      contains("Minibatch.size is 201"));
    CHECK_THROWS_WITH(minimize(f, f.zero(), held(Minibatch{}) | Constant{}),
                      contains("theory names no constant step"));
    CHECK(allocations(f, held(Minibatch{}, {.steps = 3}) | Constant{.size = 0.1}) == 0);
}

TEST_CASE("a batch of all examples that is held forever is the function") {
    const auto f = risk(200, 5);
    // L-BFGS is allowed behind it: both gradients of a pair are of one batch
    const auto method = held(Minibatch{.size = 200}, {.steps = 1000}) | LBFGS{} | StrongWolfe{};
    const auto result =
        minimize(f, f.zero(), method, first_of(GradientNorm{1e-9}, MaxIterations{100}));
    CHECK(result.status == Status::converged);
    const auto whole = minimize(f, f.zero(), FullGradient{} | LBFGS{} | StrongWolfe{},
                                first_of(GradientNorm{1e-9}, MaxIterations{100}));
    CHECK((result.x - whole.x).norm() <= 1e-8);
    CHECK(result.iterations <= whole.iterations + 2);
}

TEST_CASE("accumulated gradients are those of one large batch") {
    const auto f = risk(240, 5);
    const auto run = [&](const auto& estimator) {
        return minimize(f, f.zero(), estimator | Constant{.size = 0.3}, MaxEpochs{4});
    };
    // both hand out the epoch's order 60 by 60
    const auto one = run(Minibatch{.size = 60, .seed = 8});
    const auto many = run(Accumulated{.size = 15, .batches = 4, .seed = 8});
    CHECK(many.iterations == one.iterations);
    CHECK(many.epochs == Approx(4));
    CHECK((many.x - one.x).norm() <= 1e-13);
    // a batch that the end of an epoch cuts short counts by its examples
    const auto uneven = Accumulated{.size = 100, .batches = 3, .seed = 8};
    auto state = uneven.start(f, f.zero());
    CHECK(uneven.draw(f, state) == Approx(1));
    CHECK(state.rows.size() == 240);
    VectorXd g(6);
    VectorXd expected(6);
    const VectorXd x = VectorXd::LinSpaced(6, -1, 1);
    const double value = uneven.sample(f, state).value_and_gradient(x, g);
    CHECK(value == Approx(f.value_and_gradient(x, expected)).epsilon(1e-14));
    CHECK((g - expected).norm() <= 1e-14);
    // any sampler
    const auto drawn = run(accumulated(WithReplacement{.seed = 2}, {.size = 20, .batches = 2}));
    CHECK(drawn.iterations == 24);

    const auto refused = [&](const Accumulated& estimator, const char* what) {
        CHECK_THROWS_WITH(minimize(f, f.zero(), estimator | Constant{.size = 0.1}), contains(what));
    };
    refused({.size = 0}, "Accumulated.size is 0");
    refused({.size = 241}, "Accumulated.size is 241");
    refused({.size = 32, .batches = 0}, "Accumulated.batches is 0");
    CHECK_THROWS_WITH(minimize(f, f.zero(), Accumulated{} | Constant{}),
                      contains("theory names no constant step"));
    CHECK(allocations(f, Accumulated{.size = 16} | Constant{.size = 0.1}) == 0);
}

TEST_CASE("simultaneous perturbation estimates the gradient without bias on a quadratic") {
    // central differences of a quadratic are exact: g = (∇fᵀΔ) Δ, whose mean over Δ is ∇f
    struct Bowl {
        double value(const VectorXd& x) const {
            return x[0] * x[0] + 3 * x[1] * x[1] + x[0] * x[1] - x[2];
        }
    };
    const Bowl f;
    const VectorXd x = (VectorXd(3) << 1, -2, 0.5).finished();
    const VectorXd gradient = (VectorXd(3) << 0, -11, -1).finished();
    const Spsa spsa{.perturbation = 0.1, .seed = 4};
    auto state = spsa.start(f, x);
    VectorXd g(3);
    VectorXd mean = VectorXd::Zero(3);
    VectorXd square = VectorXd::Zero(3);
    const int draws = 20000;
    for (int k = 0; k < draws; ++k) {
        CHECK(spsa.draw(f, state) == 2);
        spsa.estimate(f, x, g, state);
        // all of its numbers have one size, that of the slope along Δ
        REQUIRE(std::abs(std::abs(g[0]) - std::abs(g[2])) <= 1e-9);
        mean += g / draws;
        square += g.cwiseAbs2() / draws;
    }
    for (Index i = 0; i < 3; ++i) {
        const double error = std::sqrt((square[i] - mean[i] * mean[i]) / draws);
        CHECK(std::abs(mean[i] - gradient[i]) <= 4 * error);
    }
    // the mean over several directions has a smaller variance: σ²/pairs
    const Spsa several{.perturbation = 0.1, .pairs = 16, .seed = 5};
    auto other = several.start(f, x);
    double variance = 0;
    for (int k = 0; k < 4000; ++k) {
        CHECK(several.draw(f, other) == 32);
        several.estimate(f, x, g, other);
        variance += (g[0] - gradient[0]) * (g[0] - gradient[0]) / 4000;
    }
    const double single = square[0] - mean[0] * mean[0];
    CHECK(variance * 16 == Approx(single).epsilon(0.1));
}

TEST_CASE("a function with values alone is minimized by them") {
    struct Bowl {
        VectorXd zero() const { return VectorXd::Zero(4); }
        double value(const VectorXd& x) const { return (x.array() - 1).square().sum() + 2; }
    };
    const Bowl f;
    const auto result =
        minimize(f, f.zero(), Spsa{.seed = 3} | Constant{.size = 0.05}, MaxIterations{2000});
    CHECK(result.value == Approx(2).epsilon(1e-6));
    CHECK(result.epochs == Approx(4000));
    CHECK(result.counts.values == 4000);
    CHECK(result.counts.gradients == 0);
    const auto clipped = minimize(
        f, f.zero(), Spsa{.seed = 3} | ClipByNorm{1} | Constant{.size = 0.05}, MaxIterations{500});
    CHECK(clipped.value < 2.1);
    CHECK(allocations(f, Spsa{} | Constant{.size = 0.05}) == 0);
    const auto refused = [&](const Spsa& spsa, const char* what) {
        CHECK_THROWS_WITH(minimize(f, f.zero(), spsa | Constant{.size = 0.1}, MaxIterations{1}),
                          contains(what));
    };
    refused({.perturbation = 0}, "Spsa.perturbation is 0");
    refused({.decay = -1}, "Spsa.decay is -1");
    refused({.pairs = 0}, "Spsa.pairs is 0");
    CHECK_THROWS_WITH(minimize(f, f.zero(), Spsa{} | Constant{}, MaxIterations{1}),
                      contains("theory names no constant step for Spsa"));
    // infinite at the start: a status, and no better point than it
    struct Wall {
        double value(const VectorXd& x) const {
            return x[0] > 0 ? std::numeric_limits<double>::infinity() : -x[0];
        }
    };
    const auto wall = minimize(Wall{}, VectorXd::Ones(1).eval(), Spsa{} | Constant{.size = 0.1},
                               MaxIterations{5});
    CHECK((wall.status == Status::non_finite || wall.status == Status::diverged));
    CHECK(wall.x == VectorXd::Ones(1));
}

TEST_CASE("a subsampled Hessian is that of its examples alone") {
    Random random(6);
    Eigen::MatrixXd x = normal_matrix(300, 4, random);
    VectorXd y(300);
    VectorXd weights(300);
    for (Index i = 0; i < 300; ++i) {
        y[i] = random.uniform() < 0.3 ? 1 : -1;
        weights[i] = static_cast<double>(random.below(3));
        x(i, i % 4) = 0;
    }
    const Eigen::SparseMatrix<double> sparse = x.sparseView();
    const auto check = [&](const auto& data) {
        const auto f = EmpiricalRisk{Linear{4}, LogisticLoss{}, data} + L2{0.05};
        const auto estimator = subsampled_hessian(FullGradient{}, {.size = 280, .seed = 2});
        auto state = estimator.start(f, f.zero());
        estimator.renew(f, state);  // across the end of an epoch
        REQUIRE(state.rows.size() == 280);
        const VectorXd theta = VectorXd::LinSpaced(5, -1, 1);
        Eigen::MatrixXd expected = Eigen::MatrixXd::Zero(5, 5);
        for (const std::int32_t i : state.rows) {
            VectorXd row(5);
            row << x.row(i).transpose(), 1;
            const double p = 1 / (1 + std::exp(-row.dot(theta)));
            expected +=
                weights[i] * 300 / weights.sum() * p * (1 - p) / 280 * row * row.transpose();
        }
        expected.diagonal().head(4).array() += 0.05;
        Eigen::MatrixXd hessian(5, 5);
        const auto phi = estimator.sample(f, state);
        phi.hessian(theta, hessian);
        CHECK((hessian - expected).norm() <= 1e-13);
        const VectorXd v = VectorXd::LinSpaced(5, 0.5, -2);
        VectorXd product(5);
        phi.hessian_product(theta, v, product);
        CHECK((product - expected * v).norm() <= 1e-13);
        VectorXd g(5);
        VectorXd whole(5);
        CHECK(phi.value_and_gradient(theta, g) == f.value_and_gradient(theta, whole));
        CHECK(g == whole);
    };
    check(Dataset{x, y, weights});
    check(Dataset{sparse, y, weights});
}

TEST_CASE("subsampled Newton finds the minimum, the faster the more examples it sees") {
    const auto f = risk(2000, 8);
    const auto iterations = [&](const auto& method) {
        const auto result =
            minimize(f, f.zero(), method, first_of(GradientNorm{1e-10}, MaxIterations{300}));
        CHECK(result.status == Status::converged);
        return result.iterations;
    };
    const auto newton = [&](Index size) {
        return subsampled_hessian(FullGradient{}, {.size = size}) | Newton{} | Backtracking{};
    };
    const auto few = iterations(newton(50));
    const auto more = iterations(newton(500));
    const auto all = iterations(newton(2000));
    CHECK(few > more);
    CHECK(more > all);
    // with every example it is Newton's method
    CHECK(all == iterations(FullGradient{} | Newton{} | Backtracking{}));
    CHECK(iterations(subsampled_hessian(FullGradient{}, {.size = 500}) | NewtonCg{} |
                     Backtracking{}) <= more + 3);
    // gradients over batches, too: what is left is the noise of a constant step t, on average
    // t/(2 − t) · tr(H⁻¹ C)/(2 size), where the gradients' covariance C is about H
    const auto stochastic = minimize(f, f.zero(),
                                     subsampled_hessian(Minibatch{.size = 200}, {.size = 400}) |
                                         Newton{} | Constant{.size = 0.1},
                                     MaxEpochs{20});
    const double best = minimize(f, f.zero(), newton(2000)).value;
    CHECK(stochastic.value - best < 2 * 0.1 / 1.9 * 9 / (2 * 200));
    CHECK_THROWS_WITH(minimize(f, f.zero(), newton(0)), contains("subsampled_hessian: size is 0"));
    CHECK_THROWS_WITH(minimize(f, f.zero(), newton(2001)),
                      contains("subsampled_hessian: size is 2001"));
    const auto hard = risk(900, 30);
    long after_first = -1;
    long at_end = -1;
    const auto result = minimize(hard, hard.zero(), newton(60),
                                 first_of(GradientNorm{0}, MaxIterations{6}), [&](const auto& p) {
                                     at_end = small_allocations;
                                     if (p.iteration() == 1) after_first = at_end;
                                 });
    CHECK(result.iterations == 6);
    CHECK(at_end == after_first);
}
