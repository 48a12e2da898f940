// SPDX-License-Identifier: MIT
#include <Eigen/Core>

#include <cmath>
#include <cstddef>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#include <ermine/concepts/model.hpp>
#include <ermine/diagnostics/basins.hpp>
#include <ermine/diagnostics/local_to_global.hpp>
#include <ermine/diagnostics/random_direction.hpp>
#include <ermine/diagnostics/slice.hpp>
#include <ermine/diagnostics/trajectory.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/objectives/spectrum_quadratic.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/gradient_norm.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::VectorXd;

namespace {

/// (x² − 1)² + tilt · x in each variable.
struct Wells {
    double tilt = 0;
    double value(const VectorXd& x) const {
        return ((x.array().square() - 1).square() + tilt * x.array()).sum();
    }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        g = (4 * x.array() * (x.array().square() - 1) + tilt).matrix();
        return value(x);
    }
};

/// As a network of one layer has them: 3 × 4 weights, 3 biases.
struct Blocks {
    std::vector<ParameterBlock> list{{"w", 0, 3, 4}, {"b", 12, 3, 1}};
    [[nodiscard]] const std::vector<ParameterBlock>& blocks() const { return list; }
};

const auto descent = FullGradient{} | Constant{0.05};

}  // namespace

TEST_CASE("slices hold the function's values, and NaN where it has none") {
    const Wells f;
    const VectorXd x = VectorXd::Zero(2);
    const VectorXd d = VectorXd::Unit(2, 0);
    const VectorXd e = VectorXd::Unit(2, 1);
    const Slice line = slice(f, x, d, {.from = -2, .to = 2, .points = 81});
    CHECK(line.values[40] == 2);
    CHECK(line.minima() == 2);
    CHECK(std::abs(std::abs(line.lowest()) - 1) < 1e-12);
    const PlaneSlice plane = plane_slice(f, x, d, e, {.from = -1, .to = 1, .points = 3});
    CHECK(plane.values(0, 0) == 0);
    CHECK(plane.values(1, 1) == 2);
    CHECK(plane.values(2, 1) == 1);
    std::ostringstream text;
    text << plane;
    CHECK(text.str().find("-1 -1 0\n-1 0 1\n") == 0);
    const struct Log {
        double value(const VectorXd& p) const { return -std::log(p[0]); }
    } log;
    const VectorXd one = VectorXd::Ones(1);
    const Slice edge = slice(log, one, one, {.from = -2, .to = 2, .points = 5});
    CHECK(std::isnan(edge.values[0]));
    CHECK(edge.lowest() == 2);
    CHECK_THROWS_WITH(slice(f, x, one), contains("numbers in the direction"));
    CHECK_THROWS_WITH(slice(f, x, d, {.points = 1}), contains("SliceOptions.points"));
    CHECK_THROWS_WITH(slice(f, x, d, {.from = 1, .to = 1}), contains("SliceOptions.to"));
}

TEST_CASE("random directions are as long as the parameters, filter by filter") {
    VectorXd x(15);
    for (Index i = 0; i < 15; ++i) x[i] = static_cast<double>(i * i);
    const VectorXd d = random_direction(Blocks{}, x, 3);
    for (Index row = 0; row < 3; ++row)
        CHECK(std::abs(d.segment(4 * row, 4).norm() - x.segment(4 * row, 4).norm()) < 1e-12);
    CHECK(d.tail(3).isZero(0));
    CHECK(d == random_direction(Blocks{}, x, 3));
    CHECK(d != random_direction(Blocks{}, x, 4));
    CHECK(std::abs(random_direction(Wells{}, x).norm() - x.norm()) < 1e-9);
    const VectorXd origin = VectorXd::Zero(4);
    CHECK(std::abs(random_direction(Wells{}, origin).norm() - 1) < 1e-12);
    const VectorXd small = VectorXd::Ones(4);
    CHECK_THROWS_WITH(random_direction(Blocks{}, small), contains("block \"w\" ends at 12"));
}

TEST_CASE("the plane of a trajectory is the one that it moves in") {
    Trajectory path;
    VectorXd p(5);
    for (int k = 0; k < 20; ++k) {  // a spiral in the plane of coordinates 1 and 3
        const double r = std::exp(-0.2 * k);
        p << 1, 3 * r * std::cos(k), 2, r * std::sin(k), 0;
        path.add(p);
    }
    const TrajectoryPlane plane = path.plane();
    CHECK(plane.explained > 1 - 1e-12);
    CHECK(std::abs(plane.first.dot(plane.second)) < 1e-12);
    CHECK(std::abs(plane.first[1]) > 0.9);
    for (Index k = 0; k < 20; ++k) {
        const VectorXd back = plane.center + plane.s[k] * plane.first + plane.t[k] * plane.second;
        CHECK((back - path.points()[static_cast<std::size_t>(k)]).norm() < 1e-10);
    }
    CHECK_THROWS_WITH(path.add(VectorXd::Zero(4)), contains("a point of 4 numbers"));

    const SpectrumQuadratic<> f(log_spectrum(10, 0.1, 1), 3);
    Trajectory run({.every = 10});
    (void)minimize(f, f.start(), FullGradient{} | Constant{1}, MaxIterations{45}, run);
    CHECK(run.points().size() == 6);
    CHECK(run.plane().explained > 0.9);
    Trajectory none;
    none.add(VectorXd::Zero(3));
    none.add(VectorXd::Ones(3));
    CHECK_THROWS_WITH(none.plane(), contains("a plane takes three"));
    none.add(2 * VectorXd::Ones(3));
    CHECK_THROWS_WITH(none.plane(), contains("lie on a line"));
}

TEST_CASE("descent leads to the goal where nothing lies between, and else not") {
    const Wells f{.tilt = 0.1};
    const VectorXd goal = VectorXd::Constant(2, -1.0123);  // the lowest well
    const VectorXd near = VectorXd::Constant(2, -0.7);     // f is convex from here on
    const VectorXd far = VectorXd::Constant(2, 0.5);
    const auto good = local_to_global(f, near, goal, descent, GradientNorm{1e-8});
    CHECK(good.cosine > 0.999);
    CHECK(good.arrives);
    CHECK(good.barrier < 1e-12);
    const auto bad = local_to_global(f, far, goal, descent, GradientNorm{1e-8});
    CHECK(bad.cosine < -0.999);
    CHECK_FALSE(bad.arrives);
    CHECK(bad.barrier > 0.5);
    std::ostringstream text;
    text << bad;
    CHECK(text.str().find("does not lead to the goal: the gradient points away") !=
          std::string::npos);
    CHECK_THROWS_WITH(local_to_global(f, goal, goal, descent, GradientNorm{1e-8}),
                      contains("distance to the goal"));
}

TEST_CASE("basins are as large as they are") {
    const VectorXd origin = VectorXd::Zero(2);
    const auto all =
        basins(Wells{}, origin, descent, GradientNorm{1e-8}, {.starts = 200, .spread = 0.7});
    REQUIRE(all.basins.size() == 4);
    CHECK(all.failed == 0);
    CHECK(all.unseen() == 0);
    for (std::size_t k = 0; k < 4; ++k) {
        CHECK(all.basins[k].value < 1e-12);
        CHECK(std::abs(all.share(k) - 0.25) < 0.1);  // three standard errors
    }
    std::ostringstream text;
    text << all;
    CHECK(text.str().find("4 basins from 200 starts") == 0);
    CHECK_THROWS_WITH(basins(Wells{}, origin, descent, GradientNorm{1e-8}, {.starts = 0}),
                      contains("BasinOptions.starts"));
}
