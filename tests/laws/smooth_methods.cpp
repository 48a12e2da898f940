// SPDX-License-Identifier: MIT
// The methods for smooth functions: they find known minima at the rates that theory names, their
// line searches keep their conditions, and every ending tells the truth.
#include "ermine_catch.hpp"
#include "known_minima.hpp"

#include <limits>
#include <numbers>
#include <set>
#include <sstream>

#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/objectives/objective.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/gradient_methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/quasi_newton_methods.hpp>
#include <ermine/steps/backtracking.hpp>
#include <ermine/steps/barzilai_borwein.hpp>
#include <ermine/steps/exact.hpp>
#include <ermine/steps/polyak.hpp>

using namespace ermine;
using Eigen::Vector2d;
using Eigen::VectorXd;
using Eigen::VectorXf;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Runs a method, and holds the ending to its word.
template <class V>
auto run(const auto& f, const V& x0, const auto& method, double tolerance,
         std::int64_t iterations = 20000) {
    auto result =
        minimize(f, x0, method, first_of(GradientNorm{tolerance}, MaxIterations{iterations}));
    V g = x0;
    const double value = f.value_and_gradient(result.x, g);
    CHECK(result.value == value);
    const auto norm = static_cast<double>(g.template lpNorm<Eigen::Infinity>());
    CHECK(result.gradient_norm == norm);
    CHECK(result.converged() == (norm <= tolerance));
    return result;
}

template <class V>
void finds(const Bowl<V>& bowl, const auto& method, double tolerance) {
    const auto result = run(bowl.f, bowl.start, method, tolerance);
    CHECK(result.converged());
    CHECK((result.x - bowl.target).norm() <= 2 * std::sqrt(double(bowl.target.size())) * tolerance);
}

const auto polak_ribiere = FullGradient{} |
                           ConjugateGradient{.beta = ConjugateGradient::Beta::polak_ribiere} |
                           StrongWolfe{.curvature = 0.1};

}  // namespace

TEST_CASE("methods for smooth functions find the minimum of a quadratic") {
    for (const Index n : {1, 3, 20}) {
        const auto problem = bowl<VectorXd>(n, 10);
        finds(problem, lbfgs(), 1e-10);
        finds(problem, bfgs(), 1e-10);
        finds(problem, conjugate_gradient(), 1e-10);
        finds(problem, polak_ribiere, 1e-10);
        finds(problem, spectral_gradient(), 1e-10);
        finds(problem, adaptive_gradient_descent(), 1e-10);
        finds(problem, FullGradient{} | BarzilaiBorwein{}, 1e-10);
        finds(problem, FullGradient{} | LBFGS{} | HagerZhang{}, 1e-10);
        // the rounding of f − f* is what limits this one
        finds(problem, FullGradient{} | Polyak{problem.minimum}, 1e-6);
    }
    const auto fixed = bowl<Vector2d>(2, 100);
    finds(fixed, lbfgs(), 1e-10);
    finds(fixed, bfgs(), 1e-10);
    finds(fixed, conjugate_gradient(), 1e-10);
    const auto single = bowl<VectorXf>(7, 10);
    finds(single, lbfgs(), 1e-4);
    finds(single, bfgs(), 1e-4);
    finds(single, conjugate_gradient(), 1e-4);
}

TEST_CASE("methods for smooth functions follow Rosenbrock's valley") {
    const auto evaluations = [](const auto& method, Index n, double tolerance) {
        VectorXd x0(n);
        for (Index i = 0; i < n; ++i) x0[i] = i % 2 == 0 ? -1.2 : 1;
        const auto result = run(Rosenbrock{}, x0, method, tolerance, 100000);
        CHECK(result.converged());
        CHECK((result.x.array() - 1).abs().maxCoeff() < 1000 * tolerance);
        CHECK(result.counts.values == 0);
        return result.counts.gradients;
    };
    CHECK(evaluations(lbfgs(), 2, 1e-8) < 60);
    CHECK(evaluations(bfgs(), 2, 1e-8) < 60);
    CHECK(evaluations(lbfgs(), 10, 1e-8) < 150);
    CHECK(evaluations(polak_ribiere, 10, 1e-8) < 1500);
    CHECK(evaluations(conjugate_gradient(), 10, 1e-8) < 1500);
    CHECK(evaluations(spectral_gradient(), 2, 1e-6) < 2000);
    evaluations(adaptive_gradient_descent(), 2, 1e-6);
}

TEST_CASE("conjugate gradients with exact steps end after as many as there are variables") {
    for (const Index n : {2, 5, 12}) {
        const auto problem = bowl<VectorXd>(n, 10);
        const auto ends = [&](const auto& method) {
            const auto result = run(problem.f, problem.start, method, 1e-7, n);
            CHECK(result.converged());
            CHECK(result.iterations <= n);
            CHECK(result.counts.products == result.iterations);
        };
        ends(FullGradient{} | ConjugateGradient{} | Exact{});
        ends(FullGradient{} | ConjugateGradient{.beta = ConjugateGradient::Beta::polak_ribiere} |
             Exact{});
        // BFGS walks the same path (Nocedal & Wright 2006, theorem 6.4), and L-BFGS with n pairs
        ends(FullGradient{} | BFGS{} | Exact{});
        ends(FullGradient{} | LBFGS{.memory = n} | Exact{});
    }
}

TEST_CASE("BFGS converges superlinearly") {
    std::vector<double> errors;
    const auto watch = [&](const auto& p) {
        errors.push_back((p.point().array() - 1).matrix().norm());
    };
    const auto result = minimize(Rosenbrock{}, Vector2d(-1.2, 1), bfgs(),
                                 first_of(GradientNorm{1e-12}, MaxIterations{100}), watch);
    REQUIRE(result.converged());
    REQUIRE(errors.size() > 10);
    // ratios fall below any rate: the last ones are small, and smaller than those before
    const std::size_t last = errors.size() - 1;
    CHECK(errors[last] < 0.02 * errors[last - 1]);
    CHECK(errors[last - 1] < 0.1 * errors[last - 2]);
    CHECK(errors[last - 2] < 0.5 * errors[last - 3]);
}

TEST_CASE("spectral steps beat the best constant one") {
    const auto problem = bowl<VectorXd>(20, 1000);
    const auto steps = [&](const auto& method) {
        return run(problem.f, problem.start, method, 1e-8, 100000).iterations;
    };
    // 2/(L + μ) is the best constant step (Nesterov 2018, theorem 2.1.15)
    const auto constant = steps(gradient_descent(2 / (1 + 1000.0)));
    CHECK(steps(FullGradient{} | BarzilaiBorwein{}) < constant / 5);
    CHECK(steps(FullGradient{} | BarzilaiBorwein{.form = BarzilaiBorwein::Form::longer}) <
          constant / 5);
    CHECK(steps(FullGradient{} | BarzilaiBorwein{.form = BarzilaiBorwein::Form::shorter}) <
          constant / 5);
    CHECK(steps(spectral_gradient()) < constant / 5);
}

TEST_CASE("the adaptive step needs no constant, and keeps near the local 1/L") {
    const auto problem = bowl<VectorXd>(10, 100);
    const auto steps = run(problem.f, problem.start, gradient_descent(), 1e-8, 100000).iterations;
    const auto adaptive = run(problem.f, problem.start, adaptive_gradient_descent(), 1e-8, 100000);
    CHECK(adaptive.converged());
    CHECK(adaptive.iterations < 2 * steps);
    CHECK(adaptive.counts.gradients == adaptive.iterations + 1);
}

namespace {

using Vector1d = Eigen::Matrix<double, 1, 1>;

/// A function of one variable and its slope.
struct Curve {
    double (*phi)(double);
    double (*slope)(double);

    double value_and_gradient(const Vector1d& x, Vector1d& g) const {
        g[0] = slope(x[0]);
        return phi(x[0]);
    }
    double value(const Vector1d& x) const { return phi(x[0]); }
};

/// The first three test functions of Moré & Thuente (1994), eqs. 5.1–5.3, and two of Yanai's
/// (eq. 5.4): a deep minimum, one beyond a hump, ripples, and slopes that differ by powers of ten.
const Curve curves[] = {
    {[](double t) { return -t / (t * t + 2); },
     [](double t) { return (t * t - 2) / ((t * t + 2) * (t * t + 2)); }},
    {[](double t) { return std::pow(t + 0.004, 5) - 2 * std::pow(t + 0.004, 4); },
     [](double t) { return 5 * std::pow(t + 0.004, 4) - 8 * std::pow(t + 0.004, 3); }},
    {[](double t) {
         const double b = 0.01;
         const double smooth = t <= 1 - b   ? 1 - t
                               : t >= 1 + b ? t - 1
                                            : (t - 1) * (t - 1) / (2 * b) + b / 2;
         return smooth +
                2 * (1 - b) / (39 * std::numbers::pi) * std::sin(39 * std::numbers::pi * t / 2);
     },
     [](double t) {
         const double b = 0.01;
         const double smooth = t <= 1 - b ? -1 : t >= 1 + b ? 1 : (t - 1) / b;
         return smooth + (1 - b) * std::cos(39 * std::numbers::pi * t / 2);
     }},
    {[](double t) {
         const double a = std::sqrt(1 + 1e-6) - 1e-3;
         return a * std::sqrt((1 - t) * (1 - t) + 1e-6) + a * std::sqrt(t * t + 1e-6);
     },
     [](double t) {
         const double a = std::sqrt(1 + 1e-6) - 1e-3;
         return a * (t - 1) / std::sqrt((1 - t) * (1 - t) + 1e-6) + a * t / std::sqrt(t * t + 1e-6);
     }},
    {[](double t) {
         const double a = std::sqrt(1 + 1e-4) - 1e-2;
         const double b = std::sqrt(1 + 1e-6) - 1e-3;
         return a * std::sqrt((1 - t) * (1 - t) + 1e-6) + b * std::sqrt(t * t + 1e-4);
     },
     [](double t) {
         const double a = std::sqrt(1 + 1e-4) - 1e-2;
         const double b = std::sqrt(1 + 1e-6) - 1e-3;
         return a * (t - 1) / std::sqrt((1 - t) * (1 - t) + 1e-6) + b * t / std::sqrt(t * t + 1e-4);
     }},
};

struct Counted1 {
    const Curve& f;
    mutable std::set<double> tried;

    double value_and_gradient(const Vector1d& x, Vector1d& g) const {
        CHECK(tried.insert(x[0]).second);  // no trial twice
        return f.value_and_gradient(x, g);
    }
    double value(const Vector1d& x) const { return f.value(x); }
};

/// Searches along a curve from t = 0; returns the step.
template <class Step>
double search(const Counted1& f, const Step& step, double& slope0, Evaluation<Vector1d>& there) {
    Evaluation<Vector1d> here{Vector1d(0), 0, Vector1d(0)};
    here.value = f.f.value_and_gradient(here.x, here.gradient);
    slope0 = here.gradient[0];
    there = here;
    Evaluation<Vector1d> best = here;
    const Vector1d direction(-1);
    Line<Counted1, Counted1, Vector1d> line{
        .phi = f, .f = f, .here = here, .there = there, .direction = direction};
    line.best = &best;
    auto state = step.start(f, here.x, FullGradient{});
    const double t = step.search(line, state);
    CHECK(there.x[0] == t);
    CHECK(there.value == f.f.phi(t));
    return t;
}

}  // namespace

TEST_CASE("line searches end where their conditions hold, from steps too short and too long") {
    for (const Curve& curve : curves)
        for (const double initial : {1e-3, 1e-1, 1e1, 1e3})
            for (const double curvature : {0.9, 0.1}) {
                double slope = 0;
                Evaluation<Vector1d> there;
                const Counted1 f{curve, {}};
                const StrongWolfe strong{
                    .initial = initial, .sufficient_decrease = 1e-3, .curvature = curvature};
                double t = search(f, strong, slope, there);
                REQUIRE(t > 0);
                CHECK(curve.phi(t) <= curve.phi(0) + 1e-3 * t * slope);
                CHECK(std::abs(curve.slope(t)) <= curvature * std::abs(slope));
                CHECK(f.tried.size() <= 25);

                const Counted1 g{curve, {}};
                const double delta = 0.05;
                const HagerZhang approximate{
                    .initial = initial, .sufficient_decrease = delta, .curvature = curvature};
                t = search(g, approximate, slope, there);
                REQUIRE(t > 0);
                CHECK(curve.slope(t) >= curvature * slope);
                const bool decreased = curve.phi(t) <= curve.phi(0) + delta * t * slope;
                const bool nearly = curve.slope(t) <= (2 * delta - 1) * slope &&
                                    curve.phi(t) <= curve.phi(0) + 1e-6 * std::abs(curve.phi(0));
                CHECK((decreased || nearly));
                CHECK(g.tried.size() <= 25);
            }
}

TEST_CASE("a line search keeps out of where the function is not defined") {
    // −Σ log(1 − x²) + the distance to a point near the edge: a barrier
    const auto barrier = objective(
        [](const VectorXd& x) {
            return -(1 - x.array().square()).log().sum() + 50 * (x.array() - 0.9).square().sum();
        },
        [](const VectorXd& x, VectorXd& g) {
            g = 2 * x.array() / (1 - x.array().square()) + 100 * (x.array() - 0.9);
            return -(1 - x.array().square()).log().sum() + 50 * (x.array() - 0.9).square().sum();
        });
    const VectorXd x0 = VectorXd::Constant(3, -0.99);
    CHECK(run(barrier, x0, lbfgs(), 1e-8).converged());
    CHECK(run(barrier, x0, bfgs(), 1e-8).converged());
    CHECK(run(barrier, x0, conjugate_gradient(), 1e-8).converged());
    CHECK(run(barrier, x0, spectral_gradient(), 1e-8).converged());
}

TEST_CASE("methods go on below where values can be told apart") {
    // around 1e8 values move in steps of 1.5e-8, and gradients go on
    const auto problem = bowl<VectorXd>(8, 100);
    const Quadratic<VectorXd> lifted(problem.f.matrix(), problem.f.linear(), 1e8);
    CHECK(run(lifted, problem.start, lbfgs(), 1e-9, 300).converged());
    CHECK(run(lifted, problem.start, bfgs(), 1e-9, 300).converged());
    CHECK(run(lifted, problem.start, conjugate_gradient(), 1e-9, 300).converged());
    CHECK(
        run(lifted, problem.start, FullGradient{} | LBFGS{} | HagerZhang{}, 1e-9, 300).converged());
}

TEST_CASE("a function without a minimum ends as unbounded or diverged, and says so") {
    const auto falling = objective([](const VectorXd& x) { return -x.array().cube().sum(); },
                                   [](const VectorXd& x, VectorXd& g) {
                                       g = -3 * x.array().square();
                                       return -x.array().cube().sum();
                                   });
    const VectorXd x0 = VectorXd::Ones(2);
    const auto ends = [&](const auto& method) {
        const auto result = minimize(falling, x0, method, MaxIterations{100000});
        CHECK(result.status == Status::unbounded);
        CHECK(result.value < -1e10);
        CHECK(std::isfinite(result.value));
        CHECK(result.x.allFinite());
    };
    ends(lbfgs());
    ends(bfgs());
    ends(conjugate_gradient());
    ends(gradient_descent(0.1));
    ends(FullGradient{} | Backtracking{});
    const auto bottomless = objective([](const VectorXd&) { return -infinity; },
                                      [](const VectorXd&, VectorXd& g) {
                                          g.setZero();
                                          return -infinity;
                                      });
    CHECK(minimize(bottomless, x0, lbfgs()).status == Status::unbounded);
}

TEST_CASE("a bad start ends the run with a status, or is refused") {
    const VectorXd x0 = VectorXd::Ones(3);
    const auto nan = objective([](const VectorXd&) { return std::nan(""); },
                               [](const VectorXd&, VectorXd& g) {
                                   g.setZero();
                                   return std::nan("");
                               });
    CHECK(minimize(nan, x0, lbfgs()).status == Status::non_finite);
    const auto overflow = objective([](const VectorXd& x) { return std::exp(1e4 * x.sum()); },
                                    [](const VectorXd& x, VectorXd& g) {
                                        const double v = std::exp(1e4 * x.sum());
                                        g.setConstant(1e4 * v);
                                        return v;
                                    });
    CHECK(minimize(overflow, x0, bfgs()).status == Status::non_finite);
    const auto problem = bowl<VectorXd>(4, 10);
    CHECK_THROWS_WITH(minimize(problem.f, x0, lbfgs()),
                      contains("the starting point has 3 numbers, and the objective takes 4"));
    const auto short_gradient = objective([](const VectorXd& x) { return x.squaredNorm(); },
                                          [](const VectorXd& x, VectorXd& g) {
                                              g = 2 * x.head(2);
                                              return x.squaredNorm();
                                          });
    CHECK_THROWS_WITH(
        minimize(short_gradient, x0, lbfgs()),
        contains("the gradient that f fills has 2 numbers, and the starting point 3"));
    const VectorXd bad = VectorXd::Constant(4, infinity);
    CHECK_THROWS_WITH(minimize(problem.f, bad, lbfgs()), contains("not finite"));
    CHECK_THROWS_WITH(minimize(problem.f, problem.start, lbfgs(0)), contains("LBFGS.memory is 0"));
    CHECK_THROWS_WITH(minimize(problem.f, problem.start,
                               FullGradient{} | LBFGS{} | StrongWolfe{.curvature = 1.5}),
                      contains("StrongWolfe.curvature is 1.5"));
    CHECK_THROWS_WITH(
        minimize(problem.f, problem.start, FullGradient{} | LBFGS{} | HagerZhang{.curvature = 0}),
        contains("HagerZhang.curvature is 0"));
    CHECK_THROWS_WITH(
        minimize(problem.f, problem.start, FullGradient{} | BarzilaiBorwein{.initial = -1}),
        contains("BarzilaiBorwein.initial is -1"));
    CHECK_THROWS_WITH(minimize(problem.f, problem.start, FullGradient{} | Polyak{infinity}),
                      contains("Polyak.minimum is not finite"));
    CHECK_THROWS_WITH(minimize(problem.f, problem.start, FullGradient{} | Nonmonotone{.memory = 2}),
                      contains("Nonmonotone.memory is 2"));
    CHECK_THROWS_WITH(
        minimize(problem.f, problem.start, FullGradient{} | MalitskyMishchenko{.initial = 0}),
        contains("MalitskyMishchenko.initial is 0"));
}

TEST_CASE("a wrong gradient is named when the line search fails") {
    const auto wrong = objective([](const VectorXd& x) { return x.squaredNorm(); },
                                 [](const VectorXd& x, VectorXd& g) {
                                     g = 2 * x;
                                     g[2] = -g[2];
                                     return x.squaredNorm();
                                 });
    VectorXd x0(4);
    x0 << 1e-3, 1e-3, 5, 1e-3;
    const auto result = minimize(wrong, x0, lbfgs());
    CHECK(result.status == Status::no_progress);
    REQUIRE(result.wrong_gradient);
    CHECK(result.wrong_gradient->row == 2);
    std::ostringstream text;
    text << result;
    CHECK_THAT(text.str(), contains("gradient is WRONG: worst at [2]"));
    CHECK_THAT(text.str(), contains("check_gradient"));
    // where the arithmetic allows no more, the gradient is not blamed
    const auto problem = bowl<VectorXd>(12, 1e6);
    const auto fine =
        minimize(problem.f, problem.start, lbfgs(), first_of(GradientNorm{0}, MaxIterations{1000}));
    CHECK_FALSE(fine.wrong_gradient);
}

namespace {

/// What the library refuses to put together, put together by hand to see what it does: LBFGS
/// behind a clip, and momentum before a line search.
struct ClippedLBFGS {
    static constexpr Role role = Role::direction;
    using form = Whole;
    static constexpr bool learns = true;
    static constexpr bool keeps_metric = false;
    static constexpr bool unit_length = true;

    double norm;
    LBFGS lbfgs = {};

    auto start(const auto& f, const VectorXd& x) const { return lbfgs.start(f, x); }
    void direct(const auto& f, const VectorXd& x, VectorXd& d, auto& state) const {
        clip(d);
        lbfgs.direct(f, x, d, state);
    }
    void learn(Evaluation<VectorXd> before, Evaluation<VectorXd> after, auto& state) const {
        clip(before.gradient);
        clip(after.gradient);
        lbfgs.learn(before, after, state);
    }
    bool forget(auto& state) const { return lbfgs.forget(state); }

private:
    void clip(VectorXd& g) const {
        if (g.norm() > norm) g *= norm / g.norm();
    }
};

struct Heavy {
    static constexpr Role role = Role::direction;
    using form = Elementwise;

    Momentum momentum = {};

    auto start(const auto& f, const VectorXd& x) const { return momentum.start(f, x); }
    void apply(auto&& d, auto& state, const auto& at, const Clock& clock) const {
        momentum.apply(d, state, at, clock);
    }
};

}  // namespace

TEST_CASE("what is refused does harm") {
    const auto problem = bowl<VectorXd>(30, 1000);
    const auto evaluations = [&](const auto& method, double tolerance) {
        const auto result = minimize(problem.f, problem.start, method,
                                     first_of(GradientNorm{tolerance}, MaxIterations{2000}));
        return result.converged() ? static_cast<double>(result.counts.gradients) : 1e6;
    };
    // pairs of clipped gradients are no curvature
    const double free = evaluations(lbfgs(), 1e-2);
    CHECK(free < 200);
    CHECK(evaluations(FullGradient{} | ClippedLBFGS{.norm = 1e-2} | StrongWolfe{}, 1e-2) >
          1.3 * free);
    // the velocity is no direction of this step alone
    CHECK(evaluations(FullGradient{} | Heavy{} | StrongWolfe{}, 1e-2) > 5 * free);

    // a minibatch changes the function between the two gradients of a pair: curvature of noise
    const auto data = interpolated(400, 10);
    MeanSquares noisy = data.f;
    Random random(17);
    noisy.y += 3 * normal_vector<VectorXd>(400, random);
    VectorXd minimum =
        (noisy.rows.transpose() * noisy.rows).ldlt().solve(noisy.rows.transpose() * noisy.y);
    const LBFGS direction;
    auto state = direction.start(noisy, minimum);
    Evaluation<VectorXd> a{VectorXd::Zero(10), 0, VectorXd::Zero(10)}, b = a;
    std::vector<std::int32_t> rows(100);
    VectorXd batch_d, true_d;
    double bad = 0, good = 0;
    for (const bool same : {false, true}) {
        direction.forget(state);
        for (int k = 0; k < 10; ++k) {
            // steps as short as they are near the minimum
            a.x = minimum + 1e-3 * normal_vector<VectorXd>(10, random);
            b.x = minimum + 1e-3 * normal_vector<VectorXd>(10, random);
            for (auto& row : rows) row = static_cast<std::int32_t>(random.below(400));
            a.value = noisy.value_and_gradient(a.x, Batch(rows), a.gradient);
            if (!same)
                for (auto& row : rows) row = static_cast<std::int32_t>(random.below(400));
            b.value = noisy.value_and_gradient(b.x, Batch(rows), b.gradient);
            direction.learn(a, b, state);
        }
        // H ∇f of the whole function should be x − x*, for a point far away
        const VectorXd far = minimum + VectorXd::Ones(10);
        VectorXd d(10);
        noisy.value_and_gradient(far, d);
        direction.direct(noisy, far, d, state);
        (same ? good : bad) = (d - VectorXd::Ones(10)).norm() / std::sqrt(10.0);
    }
    CHECK(good < 0.5);
    CHECK(bad > 0.9);  // a step that goes nowhere
}
