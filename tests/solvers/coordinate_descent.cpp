// SPDX-License-Identifier: MIT
// Coordinate descent against linear algebra, its published rates, and soft thresholding.
#include "../laws/known_minima.hpp"
#include "ermine_catch.hpp"

#include <cmath>
#include <limits>

#include <ermine/objectives/box.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/solvers/coordinate_descent.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::Vector4f;
using Eigen::VectorXd;

namespace {

constexpr auto orders = {CoordinateDescent::cyclic, CoordinateDescent::random,
                         CoordinateDescent::gauss_southwell};

/// A quadratic whose last coordinate is not penalized, and whose constants may be wrong.
struct Intercept : Quadratic<VectorXd> {
    double smallest = 0;
    Index penalized() const { return linear().size() - 1; }
    double coordinate_smoothness(Index i) const {
        return smallest < 0 ? smallest : Quadratic<VectorXd>::coordinate_smoothness(i);
    }
    double partial(const VectorXd& x, Index i) const {
        if (smallest > 0 && i == 2) return std::numeric_limits<double>::quiet_NaN();
        return Quadratic<VectorXd>::partial(x, i);
    }
};

/// L_max of the coordinates.
double steepest(const auto& f) { return f.matrix().diagonal().maxCoeff(); }

}  // namespace

TEST_CASE("a quadratic's partial derivatives are the entries of its gradient") {
    const auto problem = bowl<VectorXd>(6, 50);
    const auto penalized = problem.f + L2{0.3};
    const auto agrees = [&](const auto& f) {
        VectorXd g(6);
        f.value_and_gradient(problem.start, g);
        for (Index i = 0; i < 6; ++i) {
            CHECK(f.partial(problem.start, i) == Approx(g[i]).epsilon(1e-12).margin(1e-12));
            VectorXd moved = problem.start;
            moved[i] += 2;
            CHECK(f.partial(moved, i) - g[i] == Approx(2 * f.coordinate_smoothness(i)));
        }
    };
    agrees(problem.f);
    agrees(penalized);
    static_assert(CoordinateDifferentiable<Quadratic<VectorXd>>);
    static_assert(CoordinateDifferentiable<decltype(penalized)>);
}

TEST_CASE("a cyclic sweep on a quadratic is one of Gauss and Seidel") {
    const auto problem = bowl<VectorXd>(7, 20);
    const MatrixXd& a = problem.f.matrix();
    VectorXd x = problem.start;
    const auto result = minimize(problem.f, problem.start, CoordinateDescent{}, MaxIterations{3});
    for (int sweep = 0; sweep < 3; ++sweep) {
        const VectorXd rest = problem.f.linear() - a.triangularView<Eigen::StrictlyUpper>() * x;
        x = a.triangularView<Eigen::Lower>().solve(rest);
    }
    CHECK((result.x - x).norm() < 1e-12 * x.norm());
    CHECK(result.counts.partials == 21);
    CHECK(result.counts.gradients == 4);
    CHECK(result.epochs == 3);
}

TEST_CASE("random coordinates keep the rate of Nesterov and of Wright") {
    for (const double condition : {3.0, 30.0}) {
        const Index n = 8;
        const auto problem = bowl<VectorXd>(n, condition);
        const double first = problem.f.value(problem.start) - problem.minimum;
        const double factor = 1 - problem.f.strong_convexity() / (double(n) * steepest(problem.f));
        const int runs = 200;
        VectorXd mean = VectorXd::Zero(13);
        for (std::uint64_t seed = 0; seed < runs; ++seed) {
            const auto method = CoordinateDescent{.order = CoordinateDescent::random, .seed = seed};
            (void)minimize(problem.f, problem.start, method, MaxIterations{12}, [&](const auto& p) {
                mean[p.iteration()] += (p.value() - problem.minimum) / runs;
            });
        }
        for (Index sweep = 0; sweep <= 12; ++sweep)
            CHECK(mean[sweep] <= std::pow(factor, double(n * sweep)) * first * (1 + 1e-12));

        // the order of Gauss and Southwell keeps it without the expectation, and is no slower
        (void)minimize(problem.f, problem.start,
                       CoordinateDescent{.order = CoordinateDescent::gauss_southwell},
                       MaxIterations{12}, [&](const auto& p) {
                           const double above = p.value() - problem.minimum;
                           const auto steps = double(n * p.iteration());
                           CHECK(above <= std::pow(factor, steps) * first * (1 + 1e-12));
                           CHECK(above <= mean[p.iteration()] * (1 + 1e-12));
                       });
    }
}

TEST_CASE("every order reaches the minimum, in fixed sizes and float too") {
    for (const auto order : orders) {
        const auto problem = bowl<VectorXd>(10, 100);
        const CoordinateDescent method{.order = order};
        const auto result = minimize(problem.f, problem.start, method,
                                     first_of(GradientNorm{1e-9}, MaxIterations{5000}));
        CHECK(result.converged());
        CHECK(result.gradient_norm <= 1e-9);
        CHECK((result.x - problem.target).norm() < 1e-8);
        CHECK(result.certificate.value < 1e-16);

        const auto small = bowl<Vector4f>(4, 10);
        const auto rounded = minimize(small.f, small.start, method,
                                      first_of(GradientNorm{1e-4}, MaxIterations{1000}));
        CHECK(rounded.converged());
        CHECK((rounded.x - small.target).norm() < 1e-3f);

        // what cannot be reached ends where the arithmetic does, or by its budget
        const auto exact = minimize(problem.f, problem.start, method,
                                    first_of(GradientNorm{0}, MaxIterations{20000}));
        CHECK_FALSE((exact.converged() && exact.gradient_norm > 0));
        CHECK((exact.x - problem.target).norm() < 1e-12);
    }
}

TEST_CASE("with L1 the minimum is that of soft thresholding, and of the proximal gradient") {
    const Index n = 9;
    Random random(4);
    const VectorXd b = normal_vector<VectorXd>(n, random);
    const VectorXd scales = VectorXd::LinSpaced(n, 0.5, 4);
    const double lambda = 0.4;
    const Quadratic<VectorXd> apart(scales.asDiagonal().toDenseMatrix(), b);
    const VectorXd known = b.cwiseSign()
                               .cwiseProduct((b.cwiseAbs().array() - lambda).max(0).matrix())
                               .cwiseQuotient(scales);
    for (const auto order : orders) {
        const CoordinateDescent method{.order = order};
        const auto result = minimize(apart + L1{lambda}, VectorXd::Ones(n).eval(), method,
                                     first_of(GradientNorm{1e-12}, MaxIterations{40}));
        CHECK(result.converged());
        CHECK((result.x - known).norm() < 1e-11);
        for (Index i = 0; i < n; ++i) CHECK((result.x[i] == 0) == (known[i] == 0));
        if (order == CoordinateDescent::cyclic) CHECK(result.iterations == 1);

        const auto problem = bowl<VectorXd>(n, 50);
        const auto meets = [&](const auto& f) {
            const auto stop = first_of(GradientNorm{1e-10}, MaxIterations{100000});
            const auto slow = minimize(f, problem.start, gradient_descent(), stop);
            const auto fast = minimize(f, problem.start, method, stop);
            REQUIRE(slow.converged());
            CHECK(fast.converged());
            CHECK((fast.x - slow.x).norm() < 1e-8);
            CHECK(fast.value == Approx(slow.value));
        };
        meets(problem.f + L1{1});
        meets(problem.f + ElasticNet{.l1 = 1, .l2 = 0.5});
        meets(problem.f + Box{.lower = -0.2, .upper = 0.3});
        const Intercept partly{{problem.f.matrix(), problem.f.linear()}};
        meets(partly + L1{1});
    }
}

TEST_CASE("coordinate descent ends honestly where it cannot go on") {
    const auto problem = bowl<VectorXd>(4, 10);
    const Intercept broken{{problem.f.matrix(), problem.f.linear()}, 1};
    const auto result = minimize(broken, problem.start, CoordinateDescent{});
    CHECK(result.status == Status::non_finite);
    CHECK(result.x.allFinite());
    const Intercept wrong{{problem.f.matrix(), problem.f.linear()}, -2};
    CHECK_THROWS_WITH(minimize(wrong, problem.start, CoordinateDescent{}),
                      contains("coordinate_smoothness(0) is -2"));

    MatrixXd saddle = MatrixXd::Identity(2, 2);
    saddle(1, 1) = -1;
    const Quadratic<VectorXd> endless(saddle, VectorXd::Zero(2).eval());
    const auto down =
        minimize(endless, VectorXd::Ones(2).eval(), CoordinateDescent{}, MaxIterations{5000});
    CHECK(down.status == Status::unbounded);
    CHECK(std::isfinite(down.value));
    // along an axis without curvature any step is taken
    const Quadratic<VectorXd> slope(MatrixXd::Zero(2, 2).eval(), VectorXd::Ones(2).eval());
    CHECK(minimize(slope, VectorXd::Zero(2).eval(), CoordinateDescent{}, MaxIterations{5}).value ==
          -10);
    const auto at_rest = minimize(problem.f, problem.target, CoordinateDescent{},
                                  first_of(GradientNorm{0}, MaxIterations{1000}));
    CHECK((at_rest.x - problem.target).norm() < 1e-13);
}
