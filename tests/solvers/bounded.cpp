// SPDX-License-Identifier: MIT
// Minimization within bounds: answers against those that are known, or found by trying everything.
#include "../laws/known_minima.hpp"
#include "ermine_catch.hpp"

#include <Eigen/LU>
#include <cmath>
#include <limits>
#include <vector>

#include <ermine/numerics/compact_bfgs.hpp>
#include <ermine/objectives/bounds.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/nonnegative.hpp>
#include <ermine/objectives/objective.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/proximal_methods.hpp>
#include <ermine/solvers/quasi_newton_methods.hpp>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::Vector2d;
using Eigen::VectorXd;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

auto to(double tolerance, std::int64_t iterations = 20000) {
    return first_of(GradientNorm{tolerance}, MaxIterations{iterations});
}

// The minimum of ½ xᵀAx − bᵀx between bounds, by trying every set of active ones.
VectorXd by_active_sets(const MatrixXd& a, const VectorXd& b, const VectorXd& lower,
                        const VectorXd& upper) {
    const Index n = b.size();
    VectorXd best;
    double lowest = infinity;
    int sets = 1;
    for (Index i = 0; i < n; ++i) sets *= 3;
    for (int set = 0; set < sets; ++set) {
        VectorXd x = VectorXd::Zero(n);
        std::vector<Index> free;
        int code = set;
        for (Index i = 0; i < n; ++i, code /= 3) {
            if (code % 3 == 0) free.push_back(i);
            if (code % 3 == 1) x[i] = lower[i];
            if (code % 3 == 2) x[i] = upper[i];
        }
        if (!x.allFinite()) continue;
        if (!free.empty()) {
            const VectorXd rest = b - a * x;
            const MatrixXd inner = a(free, free);
            const VectorXd right = rest(free);
            const VectorXd solved = inner.partialPivLu().solve(right);
            x(free) = solved;
        }
        if ((x.array() < lower.array() - 1e-12).any() || (x.array() > upper.array() + 1e-12).any())
            continue;
        const double value = 0.5 * x.dot(a * x) - b.dot(x);
        if (value < lowest) {
            lowest = value;
            best = x;
        }
    }
    return best;
}

MatrixXd positive_definite(Index n, Random& random) {
    const MatrixXd m = normal_matrix(n, n, random);
    return m * m.transpose() + 0.1 * MatrixXd::Identity(n, n);
}

}  // namespace

TEST_CASE("compact BFGS: the subspace solve is that of the dense matrix") {
    Random random(9);
    const Index n = 7;
    const MatrixXd hessian = positive_definite(n, random);
    for (const Index memory : {1, 3, 9}) {
        CompactBFGS<VectorXd> compact(n, memory);
        std::vector<VectorXd> steps;
        for (int k = 0; k < 6; ++k) {
            steps.push_back(std::pow(10.0, -k) * normal_vector<VectorXd>(n, random));
            compact.update(steps.back(), hessian * steps.back());
            compact.update(steps.back(), -steps.back());  // refused: negative curvature
            MatrixXd dense = compact.theta() * MatrixXd::Identity(n, n);
            for (std::size_t i = steps.size() - std::min(steps.size(), std::size_t(memory));
                 i < steps.size(); ++i) {
                const VectorXd y = hessian * steps[i];
                const VectorXd bs = dense * steps[i];
                dense +=
                    y * y.transpose() / y.dot(steps[i]) - bs * bs.transpose() / steps[i].dot(bs);
            }
            CHECK(compact.size() == 2 * std::min<Index>(k + 1, memory));
            for (int mask = 1; mask < (1 << n); mask += 3) {
                VectorXd free = VectorXd::Zero(n);
                std::vector<Index> inside;
                for (Index i = 0; i < n; ++i)
                    if ((mask >> i) & 1) {
                        free[i] = 1;
                        inside.push_back(i);
                    }
                const VectorXd right = normal_vector<VectorXd>(n, random).cwiseProduct(free);
                VectorXd solved = right;
                REQUIRE(compact.solve(free, solved));
                const MatrixXd inner = dense(inside, inside);
                const VectorXd wanted = inner.partialPivLu().solve(VectorXd(right(inside)));
                CHECK((VectorXd(solved(inside)) - wanted).norm() <= 1e-8 * wanted.norm());
                CHECK((solved.array() * (1 - free.array())).isZero(0));
            }
        }
        CHECK(compact.forget());
        CHECK_FALSE(compact.forget());
    }
}

TEST_CASE("bound-constrained quadratics: the answers of trying every active set") {
    Random random(10);
    for (int round = 0; round < 120; ++round) {
        const Index n = 1 + round % 6;
        const MatrixXd a = positive_definite(n, random);
        const VectorXd b = 3 * normal_vector<VectorXd>(n, random);
        VectorXd lower = normal_vector<VectorXd>(n, random);
        VectorXd upper = lower + normal_vector<VectorXd>(n, random).cwiseAbs();
        for (Index i = 0; i < n; ++i) {
            const double choice = random.uniform();
            if (choice < 0.2) lower[i] = -infinity;
            if (choice > 0.1 && choice < 0.3) upper[i] = infinity;
            if (choice > 0.9) upper[i] = lower[i];
        }
        const VectorXd wanted = by_active_sets(a, b, lower, upper);
        const VectorXd x0 = 5 * normal_vector<VectorXd>(n, random);  // mostly outside
        const auto f = Quadratic(a, b) + Bounds{.lower = lower, .upper = upper};
        const auto finds = [&](const auto& method) {
            const auto inside = [&](const auto& p) { CHECK(f.penalty(p.point()) == 0); };
            const auto result = minimize(f, x0, method, to(1e-9), inside);
            CHECK(result.converged());
            CHECK((result.x - wanted).norm() < 1e-7);
            return result.counts.gradients;
        };
        CHECK(finds(lbfgsb()) < 60);
        finds(projected_gradient());
        finds(FullGradient{} | Backtracking{});
    }
}

TEST_CASE("L-BFGS-B takes far fewer iterations than projected gradients") {
    Random random(12);
    const auto problem = bowl<VectorXd>(60, 1e4);
    const auto f = problem.f + Box{.lower = -0.5, .upper = 0.5};
    const auto quick = minimize(f, problem.start, lbfgsb(), to(1e-8));
    const auto slow = minimize(f, problem.start, FullGradient{} | Backtracking{}, to(1e-8, 100000));
    const auto spectral = minimize(f, problem.start, projected_gradient(), to(1e-8));
    CHECK((quick.converged() && slow.converged() && spectral.converged()));
    CHECK((quick.x - slow.x).norm() < 1e-7);
    CHECK(5 * quick.iterations < slow.iterations);
    CHECK(quick.iterations < spectral.iterations);
    CHECK(2 * spectral.iterations < slow.iterations);
}

TEST_CASE("Rosenbrock in a box: known corners and edges; fixed sizes, float; from outside") {
    const auto finds = [](const auto& penalty, const auto& x0, double tolerance, double x, double y,
                          std::int64_t most) {
        const auto f = Rosenbrock{} + penalty;
        const auto inside = [&](const auto& p) { CHECK(f.penalty(p.point()) == 0); };
        const auto result = minimize(f, x0, lbfgsb(), to(tolerance), inside);
        CHECK(result.converged());
        CHECK(std::abs(double(result.x[0]) - x) < 10 * tolerance);
        CHECK(std::abs(double(result.x[1]) - y) < 10 * tolerance);
        CHECK(result.iterations <= most);
    };
    finds(Box{.upper = 0.5}, Vector2d(-1.2, 1), 1e-9, 0.5, 0.25, 30);
    finds(Box{.upper = 0.5}, Vector2d(9, 9), 1e-9, 0.5, 0.25, 30);
    finds(Box{.upper = 0.5}, VectorXd(Vector2d(-1.2, 1)), 1e-9, 0.5, 0.25, 30);
    finds(Box{.upper = 0.5F}, Eigen::Vector2f(-1.2F, 1), 1e-4, 0.5, 0.25, 30);
    finds(Box{.lower = 1.5, .upper = 2}, Vector2d(-1.2, 1), 1e-9, 1.5, 2, 30);
    finds(Bounds{.lower = Vector2d(1.5, -infinity)}, Vector2d(-1.2, 1), 1e-9, 1.5, 2.25, 30);
    finds(Bounds{.upper = Vector2d(infinity, 4)}, Vector2d(-1.2, 1), 1e-7, 1, 1, 60);
    finds(Nonnegative{}, Vector2d(-1.2, 1), 1e-7, 1, 1, 60);

    // infinite bounds: the unconstrained minimum, at the cost of L-BFGS
    const VectorXd far = VectorXd::Constant(50, -1);
    const auto bounded = minimize(Rosenbrock{} + Box{}, far, lbfgsb(), to(1e-9));
    const auto free = minimize(Rosenbrock{}, far, lbfgs(), to(1e-9));
    CHECK((bounded.converged() && free.converged()));
    CHECK((bounded.x - free.x).norm() < 1e-7);
    CHECK(double(bounded.counts.gradients) < 1.2 * double(free.counts.gradients));

    // an indefinite quadratic ends on its bounds, a linear function in a corner
    const auto saddle = Quadratic(Eigen::Matrix2d(Vector2d(1, -1).asDiagonal()), Vector2d(0, 0.1));
    const auto edge = minimize(saddle + Box{-1, 1}, Vector2d(0.5, 0), lbfgsb(), to(1e-10));
    CHECK(edge.converged());
    CHECK((edge.x - Vector2d(0, 1)).norm() < 1e-9);
    const auto slope =
        Quadratic(MatrixXd(MatrixXd::Zero(3, 3)), VectorXd(Eigen::Vector3d(1, -2, 0)));
    const auto corner =
        minimize(slope + Box{-1, 4}, VectorXd(VectorXd::Zero(3)), lbfgsb(), to(1e-10));
    CHECK(corner.converged());
    CHECK(corner.x == Eigen::Vector3d(4, -1, 0));
}

TEST_CASE("boxes and options that make no sense; functions that fail") {
    CHECK_THROWS_WITH(Rosenbrock{} + Box(2, 1), contains("lower is 2") && contains("upper is 1"));
    CHECK_THROWS_WITH((Rosenbrock{} + Bounds{Vector2d(0, 3), Vector2d(1, 2)}),
                      contains("for number 1 lower is 3"));
    const auto f = Rosenbrock{} + Bounds{.lower = Vector2d(0, 0)};
    CHECK_THROWS_WITH(minimize(f, VectorXd(VectorXd::Ones(3)), lbfgsb()),
                      contains("2 numbers in Bounds.lower but 3 to bound"));
    const auto run = [&](const auto& method) { return minimize(f, Vector2d(1, 2), method); };
    CHECK_THROWS_WITH(run(LBFGSB{.memory = 0}), contains("LBFGSB.memory is 0"));
    CHECK_THROWS_WITH(run(LBFGSB{.curvature = 1e-5}), contains("curvature is"));
    CHECK_THROWS_WITH(run(LBFGSB{.trials = 0}), contains("LBFGSB.trials is 0"));
    CHECK_THROWS_WITH(run(ProjectedGradient{.memory = 0}),
                      contains("ProjectedGradient.memory is 0"));
    CHECK_THROWS_WITH(run(ProjectedGradient{.longest = -1}), contains("longest is -1"));

    // √x is NaN beyond its edge: what is returned is finite, and no run goes on for ever
    const auto root = objective(
        [](const Vector2d& x) { return x[0] * x[0] + std::sqrt(x[1] - 0.1); },
        [](const Vector2d& x) { return Vector2d(2 * x[0], 0.5 / std::sqrt(x[1] - 0.1)); });
    const auto ends = [&](const auto& g, const auto& method) {
        const auto result = minimize(g, Vector2d(1, 2), method, to(1e-8, 200));
        CHECK_FALSE(result.converged());
        CHECK(std::isfinite(result.value));
        CHECK(result.value <= g.value(Vector2d(1, 2)));
    };
    ends(root + Nonnegative{}, lbfgsb());
    ends(root + Nonnegative{}, projected_gradient());
    ends(root + L1{1e-3}, owl_qn());
    ends(root + L1{1e-3}, fista());
}
