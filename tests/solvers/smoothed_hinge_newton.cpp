// SPDX-License-Identifier: MIT
// Linear support vector machines by Newton on a rounded hinge.

#include <cmath>
#include <stdexcept>

#include <ermine/data/dataset.hpp>
#include <ermine/losses/hinge.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/dual_coordinate_ascent.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/relative_gap.hpp>
#include <ermine/solvers/smoothed_hinge_newton.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::VectorXd;
using Matrix = DenseRows<double>::Matrix;

namespace {

constexpr Index n = 200;
constexpr Index d = 4;

Matrix features() {
    Random random(1);
    Matrix x(n, d);
    for (double& entry : x.reshaped()) entry = random.normal();
    x.row(3).setZero();
    x.row(5) = x.row(4);
    return x;
}

VectorXd labels(const Matrix& x) {
    Random random(2);
    VectorXd y(n);
    for (Index i = 0; i < n; ++i) y[i] = x(i, 0) - x(i, 1) + 0.5 + random.normal() > 0 ? 1 : -1;
    return y;
}

auto run(const auto& f) {
    return minimize(f, f.zero(), SmoothedHingeNewton{},
                    first_of(RelativeGap{1e-9}, MaxIterations{100}));
}

}  // namespace

TEST_CASE("Newton on a rounded hinge agrees with coordinate ascent") {
    const Matrix x = features();
    const VectorXd y = labels(x);
    const auto f = EmpiricalRisk{Linear{d, false}, HingeLoss{}, Dataset(x, y)} + L2{1e-2};
    const auto result = run(f);
    REQUIRE(result.converged());
    const auto other = minimize(f, f.zero(), DualCoordinateAscent{},
                                first_of(RelativeGap{1e-7}, MaxIterations{100000}));
    REQUIRE(std::abs(result.value - other.value) <= 2e-7 * result.value);
    REQUIRE(std::abs(result.value - f.value(result.x)) <= 1e-13);
}

TEST_CASE("The intercept is exact: no other does better, and two points have the known margin") {
    const Matrix x = features();
    const VectorXd y = labels(x);
    const auto f = EmpiricalRisk{Linear{d}, HingeLoss{}, Dataset(x, y)} + L2{1e-2};
    const auto result = run(f);
    REQUIRE(result.converged());
    for (const double by : {-1e-3, 1e-3}) {
        VectorXd beside = result.x;
        beside[d] += by;
        REQUIRE(f.value(beside) >= result.value * (1 - 1e-9));
    }
    // x = 1 and 3: the widest margin is w = 1, b = -2, and it costs ½ λ
    const Matrix two = Matrix{{1.0}, {3.0}};
    const VectorXd sides = VectorXd{{-1.0, 1.0}};
    const auto g = EmpiricalRisk{Linear{1}, HingeLoss{}, Dataset(two, sides)} + L2{0.1};
    const auto margin = run(g);
    REQUIRE(margin.converged());
    REQUIRE(std::abs(margin.x[0] - 1) < 1e-4);
    REQUIRE(std::abs(margin.x[1] + 2) < 1e-4);
    REQUIRE(std::abs(margin.value - 0.05) < 1e-9);
}

TEST_CASE("Weights of a run are repeated examples; 0 leaves one out") {
    const Matrix x = features();
    const VectorXd y = labels(x);
    Matrix twice(n, d);
    VectorXd sides(n);
    VectorXd weights = VectorXd::Zero(n);
    for (Index i = 0; i < n; ++i) {
        twice.row(i) = x.row(i / 2);
        sides[i] = y[i / 2];
        if (i < n / 2) weights[i] = 2;
    }
    const auto f = EmpiricalRisk{Linear{d}, HingeLoss{}, Dataset(x, y, weights)} + L2{1e-2};
    const auto g = EmpiricalRisk{Linear{d}, HingeLoss{}, Dataset(twice, sides)} + L2{1e-2};
    const auto a = run(f);
    const auto b = run(g);
    REQUIRE(a.converged());
    REQUIRE(b.converged());
    REQUIRE(std::abs(a.value - b.value) <= 2e-9 * a.value);
}

TEST_CASE("Every dual value of a run is below every value") {
    const Matrix x = features();
    const VectorXd y = labels(x);
    const auto f = EmpiricalRisk{Linear{d}, HingeLoss{}, Dataset(x, y)} + L2{1e-3};
    const double least = run(f).value;
    const SmoothedHingeNewton method;
    auto state = method.start(f, f.zero());
    for (int round = 0; round < 40; ++round) {
        const DualityGap gap = method.gap(f, state);
        REQUIRE(gap.dual <= least * (1 + 1e-12));
        REQUIRE(gap.primal >= least * (1 - 1e-9));
        if (method.advance(f, state) != Outcome::advanced) break;
    }
    const auto free = EmpiricalRisk{Linear{d}, HingeLoss{}, Dataset(x, y)} + L2{0.0};
    REQUIRE_THROWS_AS(method.start(free, f.zero()), std::invalid_argument);
}
