// SPDX-License-Identifier: MIT
// Minimization with penalties and in sets: rates against theory, answers against known ones, and
// the methods against each other.
#include "../laws/known_minima.hpp"
#include "ermine_catch.hpp"

#include <cmath>
#include <functional>
#include <limits>

#include <ermine/data/logistic_data.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/group_lasso.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/objectives/simplex.hpp>
#include <ermine/objectives/total_variation.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/proximal_methods.hpp>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::Vector2d;
using Eigen::VectorXd;
using Form = Nesterov::Form;
using Restart = Nesterov::Restart;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// A quadratic plus λ‖·‖₁ with a minimum that is made: b = A x* + λ z with z a subgradient there.
struct Lasso {
    KnownQuadratic<VectorXd> f;
    L1 penalty;
    VectorXd start;
    VectorXd target;
    double minimum;
    double distance;  // ‖start − target‖²
    auto objective() const { return f + penalty; }
};

Lasso lasso(Index n, double condition, double lambda = 0.5) {
    const auto plain = bowl<VectorXd>(n, condition);
    const MatrixXd a = plain.f.matrix();
    VectorXd target = plain.target;
    VectorXd z = target.cwiseSign();
    for (Index i = 0; i < n; i += 2) {
        target[i] = 0;
        z[i] = 0.9 * std::sin(double(i));
    }
    const KnownQuadratic<VectorXd> f{Quadratic<VectorXd>(a, a * target + lambda * z),
                                     plain.f.largest, plain.f.smallest};
    const double minimum = f.value(target) + lambda * target.lpNorm<1>();
    const VectorXd start = plain.start;
    return {f, L1{lambda}, start, target, minimum, (start - target).squaredNorm()};
}

// Runs k iterations, each of which must keep F(x_k) − F* within bound(k).
void keeps_to(const auto& f, double minimum, const VectorXd& x0, const auto& method,
              std::int64_t iterations, const std::function<double(double)>& bound) {
    const double rounding = 1e-13 * std::max(1.0, std::abs(f.value(x0)));
    const auto watch = [&](const auto& p) {
        if (p.iteration() > 0)
            CHECK(f.value(p.point()) - minimum <= bound(double(p.iteration())) + rounding);
    };
    const auto result = minimize(f, x0, method, MaxIterations{iterations}, watch);
    CHECK((result.iterations == iterations || result.status == Status::no_progress));
}

auto to(double tolerance, std::int64_t iterations = 20000) {
    return first_of(GradientNorm{tolerance}, MaxIterations{iterations});
}

MatrixXd positive_definite(Index n, Random& random) {
    const MatrixXd m = normal_matrix(n, n, random);
    return m * m.transpose() + 0.1 * MatrixXd::Identity(n, n);
}

}  // namespace

TEST_CASE("proximal gradient and FISTA keep to their rates") {
    for (const double condition : {10.0, 1000.0}) {
        const auto problem = lasso(20, condition);
        const auto f = problem.objective();
        const double scale = problem.f.smoothness() * problem.distance;
        const auto on = [&](const auto& method, auto&& bound) {
            keeps_to(f, problem.minimum, problem.start, method, 400, bound);
        };
        // Beck & Teboulle 2009, theorems 3.1 and 4.4
        on(FullGradient{} | Constant{}, [&](double k) { return scale / (2 * k); });
        const auto fast = [&](double k) { return 2 * scale / ((k + 1) * (k + 1)); };
        on(FullGradient{} | Constant{} | Nesterov{.restart = Restart::never}, fast);
        on(nesterov(), fast);
        // steps of 1/2L or longer; too long at first
        const auto found = [&](double k) { return 2 * fast(k); };
        on(FullGradient{} | Backtracking{.initial = 1e4} | Nesterov{.restart = Restart::never},
           found);
        // too short at first: they double ten times before there is momentum
        on(FullGradient{} | Backtracking{.initial = 1e-3 / problem.f.smoothness()} |
               Nesterov{.restart = Restart::never},
           [&](double k) { return k > 11 ? found(k - 11) : infinity; });
        // the same on a smooth function, where Armijo's rule would not do
        const auto plain = bowl<VectorXd>(20, condition);
        const double distance = (plain.start - plain.target).squaredNorm();
        keeps_to(
            plain.f, plain.minimum, plain.start,
            FullGradient{} | Backtracking{.initial = 1e4} | Nesterov{.restart = Restart::never},
            400,
            [&](double k) { return 4 * plain.f.smoothness() * distance / ((k + 1) * (k + 1)); });
    }
}

TEST_CASE("Nesterov's strongly convex form keeps to the rate 1 - sqrt(mu/L)") {
    for (const double condition : {1.0, 10.0, 1000.0}) {
        const auto problem = lasso(20, condition);
        const double mu = problem.f.strong_convexity();
        const double ratio = 1 - std::sqrt(mu / problem.f.smoothness());
        const auto f = problem.objective();
        const auto bound = [&](double gap, double distance) {
            return [=](double k) { return std::pow(ratio, k - 1) * (gap + mu / 2 * distance); };
        };
        const auto method = FullGradient{} | Constant{} |
                            Nesterov{.form = Form::strongly_convex, .restart = Restart::never};
        const auto composite = bound(f.value(problem.start) - problem.minimum, problem.distance);
        keeps_to(f, problem.minimum, problem.start, method, 300, composite);
        keeps_to(f, problem.minimum, problem.start,
                 FullGradient{} | Constant{} |
                     Nesterov{.form = Form::strongly_convex,
                              .restart = Restart::never,
                              .strong_convexity = mu},
                 300, composite);
        const auto plain = bowl<VectorXd>(20, condition);
        keeps_to(plain.f, plain.minimum, plain.start, method, 300,
                 bound(plain.f.value(plain.start) - plain.minimum,
                       (plain.start - plain.target).squaredNorm()));
    }
    const auto run = [](const auto& f, const Nesterov& tail) {
        return minimize(f, Vector2d(1, 1), FullGradient{} | Constant{0.1} | tail);
    };
    CHECK_THROWS_WITH(
        run(Rosenbrock{}, {.form = Form::strongly_convex}),
        contains("Nesterov.form is strongly_convex") && contains("give Nesterov.strong_convexity"));
    CHECK_THROWS_WITH(run(Rosenbrock{}, {.form = Form::strongly_convex, .strong_convexity = -1}),
                      contains("Nesterov.strong_convexity is -1"));
    const auto flat = Quadratic(Eigen::Matrix2d(Vector2d(1, 0).asDiagonal()), Vector2d(0, 0));
    CHECK_THROWS_WITH(run(flat, {.form = Form::strongly_convex}),
                      contains("does not know a strong_convexity() > 0"));
}

TEST_CASE("restart is faster where the problem is ill-conditioned, never slower here") {
    for (const double condition : {10.0, 100.0, 1000.0, 1e4}) {
        const auto problem = lasso(20, condition);
        const auto f = problem.objective();
        const auto iterations = [&](const auto& method) {
            const auto result = minimize(f, problem.start, method, to(1e-9, 100000));
            CHECK(result.converged());
            CHECK((result.x - problem.target).norm() < 1e-7);
            CHECK(((result.x.array() == 0) == (problem.target.array() == 0)).all());
            return result.iterations;
        };
        const auto step = FullGradient{} | Constant{};
        const auto plain = iterations(step | Nesterov{.restart = Restart::never});
        CHECK(iterations(step | Nesterov{.restart = Restart::gradient}) <= plain);
        CHECK(iterations(step | Nesterov{.restart = Restart::function}) <= plain);
        const auto searched = FullGradient{} | Backtracking{};
        const auto found = iterations(searched | Nesterov{.restart = Restart::never});
        CHECK(iterations(fista()) <= found);
        CHECK(iterations(searched | Nesterov{.restart = Restart::function}) <= found);
        if (condition >= 1000) CHECK(iterations(fista()) < iterations(searched));
        // the form that knows μ
        const auto strong = iterations(step | Nesterov{.form = Form::strongly_convex});
        CHECK(strong <= plain);
    }
}

TEST_CASE("OWLQN ends where FISTA does: l1-penalized logistic regression") {
    for (const double condition : {10.0, 100.0}) {
        for (const double lambda : {1e-3, 1e-2, 1e-1}) {
            const auto data =
                logistic_data({.examples = 270, .features = 13, .condition = condition});
            const EmpiricalRisk risk{Linear{13, true}, LogisticLoss{}, data.data};
            const auto f = risk + L1{lambda};
            const auto slow = minimize(f, risk.zero(), fista(), to(1e-12));
            const auto fast = minimize(f, risk.zero(), owl_qn(), to(1e-12));
            const auto spectral = minimize(f, risk.zero(), projected_gradient(), to(1e-12));
            CHECK((slow.converged() && fast.converged() && spectral.converged()));
            CHECK((fast.x - slow.x).cwiseAbs().maxCoeff() < 1e-9);
            CHECK((spectral.x - slow.x).cwiseAbs().maxCoeff() < 1e-9);
            CHECK(((fast.x.array() == 0) == (slow.x.array() == 0)).all());
            CHECK(fast.value == Approx(slow.value).epsilon(1e-13));
            CHECK(fast.counts.gradients < slow.counts.gradients);
            CHECK(fast.gradient_norm <= 1e-12);
            // the condition of optimality, intercept apart
            VectorXd g(14);
            risk.value_and_gradient(fast.x, g);
            CHECK(std::abs(g[13]) < 1e-11);
            for (Index i = 0; i < 13; ++i) {
                if (fast.x[i] == 0)
                    CHECK(std::abs(g[i]) <= lambda);
                else
                    CHECK(std::abs(g[i] + std::copysign(lambda, fast.x[i])) < 1e-11);
            }
        }
    }
}

TEST_CASE("OWLQN: known minima, from everywhere, in float, without a penalty, bad options") {
    for (const double condition : {10.0, 1e3, 1e5}) {
        const auto problem = lasso(30, condition);
        for (const double scale : {0.0, 1.0, -100.0}) {
            const auto result = minimize(problem.objective(), (scale * problem.start).eval(),
                                         owl_qn(), to(1e-8, 5000));
            CHECK(result.converged());
            CHECK((result.x - problem.target).norm() < 1e-6);
            CHECK(((result.x.array() == 0) == (problem.target.array() == 0)).all());
        }
    }
    const auto small = minimize(Rosenbrock{} + L1{0}, Vector2d(-1.2, 1), OWLQN{}, to(1e-9));
    CHECK(small.converged());
    CHECK((small.x - Vector2d(1, 1)).norm() < 1e-8);
    CHECK(small.iterations < 60);
    const auto in_float =
        minimize(Rosenbrock{} + L1{0.5}, Eigen::Vector2f(-1.2F, 1), OWLQN{}, to(1e-3));
    const auto in_double = minimize(Rosenbrock{} + L1{0.5}, Vector2d(-1.2, 1), OWLQN{}, to(1e-10));
    CHECK((in_float.converged() && in_double.converged()));
    CHECK((in_float.x.cast<double>() - in_double.x).norm() < 1e-2);
    const auto all_zero = minimize(lasso(30, 10).f + L1{1e6}, lasso(30, 10).start, OWLQN{});
    CHECK(all_zero.converged());
    CHECK(all_zero.x.isZero(0));

    const auto run = [](const OWLQN& method) {
        return minimize(Rosenbrock{} + L1{1}, Vector2d(1, 2), method);
    };
    CHECK_THROWS_WITH(run({.memory = 0}), contains("OWLQN.memory is 0"));
    CHECK_THROWS_WITH(run({.sufficient_decrease = 2}), contains("sufficient_decrease is 2"));
    CHECK_THROWS_WITH(run({.trials = -1}), contains("OWLQN.trials is -1"));
}

TEST_CASE("groups, signals and portfolios: penalties that tie numbers together") {
    Random random(13);
    // whole groups are 0, and only those may be whose gradient is short enough
    const auto problem = bowl<VectorXd>(20, 50);
    const double lambda = 10;
    const auto groups = minimize(problem.f + GroupLasso{.lambda = lambda, .group_size = 4},
                                 problem.start, fista(), to(1e-10));
    CHECK(groups.converged());
    VectorXd g(20);
    problem.f.value_and_gradient(groups.x, g);
    int zeros = 0;
    for (Index i = 0; i < 20; i += 4) {
        const VectorXd w = groups.x.segment(i, 4);
        const VectorXd slope = g.segment(i, 4);
        zeros += w.isZero(0);
        if (w.isZero(0))
            CHECK(slope.norm() <= 2 * lambda);
        else
            CHECK((slope + 2 * lambda * w.normalized()).norm() < 1e-8);
    }
    CHECK((zeros > 0 && zeros < 5));

    // ½‖x − w‖² + TV is what prox solves
    const VectorXd w = normal_vector<VectorXd>(40, random);
    const auto identity = Quadratic(MatrixXd(MatrixXd::Identity(40, 40)), w);
    VectorXd wanted = w;
    TotalVariation{0.7}.prox(wanted, 1);
    const auto smooth =
        minimize(identity + TotalVariation{0.7}, VectorXd(0 * w), fista(), to(1e-12));
    CHECK((smooth.x - wanted).norm() < 1e-11);

    // least variance of shares that add up to 1: equal slopes where shares are held
    const MatrixXd covariance = positive_definite(12, random);
    const auto shares = minimize(Quadratic(covariance, VectorXd(VectorXd::Zero(12))) + Simplex{},
                                 VectorXd(VectorXd::Zero(12)), projected_gradient(), to(1e-11));
    CHECK(shares.converged());
    CHECK(shares.x.sum() == Approx(1));
    const VectorXd slopes = covariance * shares.x;
    for (Index i = 0; i < 12; ++i)
        CHECK(slopes[i] >= 2 * shares.value - (shares.x[i] > 0 ? 1e-9 : 1e-12));
    CHECK((shares.x.array() == 0).any());
}
