// SPDX-License-Identifier: MIT
// Constants by sampling: estimates from below, and claims that are wrong have a counterexample.

#include "ermine_catch.hpp"

#include <Eigen/Core>

#include <cmath>
#include <limits>
#include <sstream>

#include <ermine/numerics/ball.hpp>
#include <ermine/numerics/cuboid.hpp>
#include <ermine/numerics/estimate_lipschitz.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/verify_convexity.hpp>
#include <ermine/numerics/verify_lipschitz.hpp>
#include <ermine/numerics/verify_smoothness.hpp>
#include <ermine/objectives/objective.hpp>
#include <ermine/objectives/quadratic.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/objectives/with_lipschitz.hpp>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::Vector2d;
using Eigen::VectorXd;

namespace {

constexpr double nan_number = std::numeric_limits<double>::quiet_NaN();

// ½ xᵀ D x with the given diagonal: L and μ are its largest and smallest entry.
auto diagonal_quadratic(const VectorXd& d) {
    return Quadratic<VectorXd>(d.asDiagonal().toDenseMatrix(), VectorXd::Zero(d.size()));
}

template <class Report>
std::string text(const Report& report) {
    std::ostringstream out;
    out << report;
    return out.str();
}

}  // namespace

TEST_CASE("Points are drawn uniformly from balls and cuboids") {
    Random random{1};
    const Ball ball{Vector2d(1, -2), 3.0};
    static_assert(Region<decltype(ball)>);
    const Cuboid cuboid{Vector2d(-1, 0), Vector2d(3, 0.5)};
    static_assert(Region<decltype(cuboid)>);
    Vector2d x = Vector2d::Zero();
    Vector2d mean = Vector2d::Zero();
    int inner = 0;
    int quarter = 0;
    const int n = 20'000;
    for (int k = 0; k < n; ++k) {
        ball.draw(random, x);
        REQUIRE((x - ball.center).norm() <= 3 * (1 + 1e-15));
        inner += (x - ball.center).norm() < 1.5;
        mean += (x - ball.center) / n;
        cuboid.draw(random, x);
        REQUIRE(((x - cuboid.lower).minCoeff() >= 0 && (cuboid.upper - x).minCoeff() >= 0));
        quarter += x[0] < 0 && x[1] < 0.25;
    }
    // five standard deviations of a binomial with p = 1/4 and 1/8, and of a mean of n points
    CHECK(inner == Approx(n / 4.0).margin(5 * std::sqrt(n * 3 / 16.0)));
    CHECK(quarter == Approx(n / 8.0).margin(5 * std::sqrt(n * 7 / 64.0)));
    CHECK(mean.norm() < 5 * 3 / std::sqrt(2.0 * n));
}

TEST_CASE("Estimated constants come from below, near to the true ones, and name their pair") {
    for (const Index n : {1, 2, 10}) {
        VectorXd d = VectorXd::LinSpaced(n, 1, 5);
        d[n - 1] = 5;
        const auto f = diagonal_quadratic(d);
        const Ball region{VectorXd::Zero(n), 2.0};
        const auto found = estimate_lipschitz(f, region);
        CHECK(found.pairs == 2000);
        CHECK(found.gradient.constant <= 5 * (1 + 1e-9));
        CHECK(found.gradient.constant >= 4.9);
        CHECK(found.value.constant <= 10 * (1 + 1e-9));  // ‖∇f‖ at the far end, 5 · 2
        CHECK(found.value.constant >= 9.3);
        const VectorXd& x = found.value.x;
        const VectorXd& y = found.value.y;
        CHECK((x.norm() <= 2 * (1 + 1e-12) && y.norm() <= 2 * (1 + 1e-12)));
        CHECK(std::abs(f.value(x) - f.value(y)) / (x - y).norm() == found.value.constant);
    }
    // of sin(3x) on an interval: 3 and 9
    const auto wave = objective([](const auto& x) { return std::sin(3 * x[0]); },
                                [](const auto& x, auto& g) { g[0] = 3 * std::cos(3 * x[0]); });
    const Cuboid interval{VectorXd::Constant(1, -5), VectorXd::Constant(1, 5)};
    const auto found = estimate_lipschitz(wave, interval, {.pairs = 5000, .seed = 3});
    CHECK(found.value.constant == Approx(3).epsilon(1e-3));
    CHECK(found.gradient.constant == Approx(9).epsilon(1e-3));
    CHECK(text(found).find("5000 pairs") != std::string::npos);
    // another seed, other pairs; the same seed, the same
    CHECK(estimate_lipschitz(wave, interval, {.pairs = 50, .seed = 3}).value.x ==
          estimate_lipschitz(wave, interval, {.pairs = 50, .seed = 3}).value.x);
    CHECK(estimate_lipschitz(wave, interval, {.pairs = 50, .seed = 4}).value.x !=
          estimate_lipschitz(wave, interval, {.pairs = 50, .seed = 3}).value.x);

    const auto value_alone = objective([](const VectorXd& x) { return x.lpNorm<1>(); });
    const auto norm = estimate_lipschitz(value_alone, Ball{VectorXd::Zero(4), 1.0});
    CHECK(norm.value.constant == Approx(2).epsilon(0.01));
    CHECK(std::isnan(norm.gradient.constant));
    const auto constant = objective([](const VectorXd&) { return 7.0; });
    CHECK(estimate_lipschitz(constant, Ball{VectorXd::Zero(4), 1.0}).value.constant == 0);
}

TEST_CASE("Wrong claims have a counterexample, right ones have none") {
    for (const Index n : {2, 20}) {
        VectorXd d = VectorXd::Ones(n);
        d[0] = 100;  // one steep direction of twenty
        d[1] = 0.5;
        const auto f = diagonal_quadratic(d);
        const Ball region{VectorXd::Ones(n), 3.0};
        CHECK(verify_smoothness(f, region).ok());
        CHECK(verify_convexity(f, region).ok());
        CHECK(verify_strong_convexity(f, region).ok());
        CHECK(verify_curvature(f, 0.501, region).broken);
        const double farthest = 400;  // |d x| <= 100 · 4 on the ball
        CHECK(verify_lipschitz(with_lipschitz(f, {.value = farthest}), region).ok());

        const auto report = verify_smoothness(with_lipschitz(f, {.gradient = 95}), region);
        REQUIRE(report.broken);
        const VectorXd turned = d.cwiseProduct(report.x - report.y);
        CHECK(report.left == Approx(turned.norm()).epsilon(1e-12));
        CHECK(report.right == Approx(95 * (report.x - report.y).norm()).epsilon(1e-12));
        CHECK(report.left > report.right);
        CHECK(text(report).find("gradient 95 is WRONG: at x = (") != std::string::npos);
        CHECK(verify_lipschitz(with_lipschitz(f, {.value = 350}), region).broken);
    }
    const Quadratic saddle{MatrixXd{{2.0, 0.0}, {0.0, -0.01}}, VectorXd(VectorXd::Zero(2))};
    const Ball around_origin{VectorXd::Zero(2), 1.0};
    const auto report = verify_convexity(saddle, around_origin);
    CHECK(report.broken);
    CHECK(report.right < 0);
    CHECK(verify_curvature(saddle, -0.011, around_origin).ok());
    // the same by values alone
    const auto values = objective([&](const VectorXd& x) { return saddle.value(x) + 1e3; });
    CHECK(verify_convexity(values, around_origin).broken);
    const auto bowl = objective([](const VectorXd& x) { return x.squaredNorm() / 2; });
    CHECK(verify_curvature(bowl, 1, around_origin).ok());
    CHECK(verify_curvature(bowl, 1.1, around_origin).broken);
    const auto kept = verify_convexity(bowl, around_origin, {.pairs = 123});
    CHECK(text(kept).find("no counterexample among 123 pairs") != std::string::npos);

    // convex on one side of the valley, not on the whole plane
    CHECK(verify_convexity(Rosenbrock{}, Ball{Vector2d(1, 1), 0.002}).ok());
    CHECK(verify_convexity(Rosenbrock{}, Ball{Vector2d(0, 1), 1.0}).broken);
    // kinks are no fault in convexity; floats round
    const auto kink = objective([](const auto& x) { return x.cwiseAbs().sum(); },
                                [](const auto& x, auto& g) { g = x.cwiseSign(); });
    CHECK(verify_convexity(kink, Ball{Eigen::Vector3f(1, 0, 0), 2.0}).ok());
    CHECK(verify_lipschitz(with_lipschitz(kink, {.value = std::sqrt(3.0)}),
                           Ball{Eigen::Vector3f(100, 0, 0), 1.0})
              .ok());
    CHECK(verify_smoothness(with_lipschitz(kink, {.gradient = 1e2}), around_origin).broken);
    // no number is no value that a claim could hold for
    const auto holed = objective([](const VectorXd& x) { return std::log(x[0]); });
    CHECK(verify_convexity(holed, around_origin).broken);
}

TEST_CASE("Empty regions and no pairs are refused") {
    const auto f = objective([](const VectorXd& x) { return x.sum(); });
    const VectorXd zero = VectorXd::Zero(2);
    CHECK_THROWS_WITH(estimate_lipschitz(f, Ball{zero, 0.0}), contains("Ball: radius is 0"));
    CHECK_THROWS_WITH(estimate_lipschitz(f, Ball{zero, nan_number}), contains("radius is nan"));
    CHECK_THROWS_WITH(verify_convexity(f, Ball{VectorXd{}, 1.0}), contains("center is empty"));
    CHECK_THROWS_WITH(verify_convexity(f, Cuboid{zero, VectorXd(Vector2d(1, -1))}),
                      contains("coordinate 1 lies between 0") && contains("and -1"));
    CHECK_THROWS_WITH(verify_convexity(f, Cuboid{zero, VectorXd(Vector2d(1, 1.0 / 0.0))}),
                      contains("coordinate 1"));
    CHECK_THROWS_WITH(verify_convexity(f, Cuboid{zero, zero}), contains("one point"));
    CHECK_THROWS_WITH(verify_convexity(f, Cuboid{zero, VectorXd(VectorXd::Ones(3))}),
                      contains("lower has 2 numbers, upper 3"));
    CHECK_THROWS_WITH(verify_convexity(f, Ball{zero, 1.0}, {.pairs = 0}), contains("pairs is 0"));
    CHECK_THROWS_WITH(verify_convexity(f, Ball{VectorXd::Constant(2, 1e30), 1.0}),
                      contains("round to one"));
}
