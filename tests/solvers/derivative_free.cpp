// SPDX-License-Identifier: MIT
// Searches by values alone, and searches from many starting points.
#include "../laws/known_minima.hpp"
#include "ermine_catch.hpp"

#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>
#include <sstream>
#include <vector>

#include <ermine/objectives/ackley.hpp>
#include <ermine/objectives/box.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/objective.hpp>
#include <ermine/objectives/rastrigin.hpp>
#include <ermine/solvers/cma_es.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/multi_start.hpp>
#include <ermine/solvers/nelder_mead.hpp>
#include <ermine/solvers/normal_starts.hpp>
#include <ermine/solvers/uniform_starts.hpp>

using namespace ermine;
using Eigen::Vector2d;
using Eigen::VectorXd;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// A function that has no gradient to offer, of one type whatever it is, and counts its calls.
struct Values {
    double (*formula)(const VectorXd&);
    mutable std::int64_t calls = 0;

    double value(const VectorXd& x) const {
        ++calls;
        return formula(x);
    }
};

double chained_rosenbrock(const VectorXd& x) {
    double sum = 0;
    for (Index i = 0; i + 1 < x.size(); ++i)
        sum += 100 * std::pow(x[i + 1] - x[i] * x[i], 2) + std::pow(1 - x[i], 2);
    return sum;
}

double rastrigin(const VectorXd& x) { return Rastrigin{}.value(x); }
double ackley(const VectorXd& x) { return Ackley{}.value(x); }

/// Σ xᵢ − log xᵢ: NaN outside the positive orthant, 5 at (1, …, 1) for n = 5.
double barrier(const VectorXd& x) { return x.sum() - x.array().log().sum(); }

/// (x² − 1)² + 0.3 x, of one variable: two minima, the left one lower.
struct TwoWells {
    double value(const VectorXd& x) const { return std::pow(x[0] * x[0] - 1, 2) + 0.3 * x[0]; }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        g.resize(1);
        g[0] = 4 * x[0] * (x[0] * x[0] - 1) + 0.3;
        return value(x);
    }
};

/// McKinnon's function with τ = 2, θ = 6, φ = 60: strictly convex, its minimum −1/4 at (0, −1/2).
double mckinnon(const Vector2d& x) {
    return (x[0] <= 0 ? 360 : 6) * x[0] * x[0] + x[1] + x[1] * x[1];
}

/// A run of NelderMead on a simplex of one's own, until the simplex is small.
struct OwnSimplex {
    NelderMead method;
    NelderMead::State<Vector2d> state;

    OwnSimplex(NelderMead m, const auto& f, std::vector<Vector2d> simplex)
        : method(m), state(m.start(f, simplex[0])) {
        for (std::size_t i = 0; i < 3; ++i) state.simplex[i] = {simplex[i], f.value(simplex[i])};
        std::sort(state.simplex.begin(), state.simplex.end(),
                  [](const auto& a, const auto& b) { return a.value < b.value; });
    }

    /// Iterations until all points and values lie within the tolerance of the best.
    int run(const auto& f, double tolerance) {
        for (int k = 0;; ++k) {
            double points = 0, values = 0;
            for (const auto& vertex : state.simplex) {
                points = std::max(points, (vertex.x - state.simplex[0].x).cwiseAbs().maxCoeff());
                values = std::max(values, vertex.value - state.simplex[0].value);
            }
            if ((points <= tolerance && values <= tolerance) || k == 10000) return k;
            REQUIRE(method.advance(f, state) == Outcome::advanced);
        }
    }
};

/// Both methods, for laws that hold for every search.
void with_both(auto&& law) {
    law(NelderMead{});
    law(CmaEs{});
}

template <class V>
bool same_bits(const Result<V>& a, const Result<V>& b) {
    return std::memcmp(a.x.data(), b.x.data(), sizeof(double) * std::size_t(a.x.size())) == 0 &&
           a.value == b.value && a.iterations == b.iterations && a.counts.values == b.counts.values;
}

}  // namespace

TEST_CASE("Nelder-Mead reflects, expands and contracts as Lagarias et al. say") {
    const NelderMead method{.edge = 0.5};
    const auto slope = objective([](const Vector2d& x) { return x[0] + 2 * x[1]; });
    auto state = method.start(slope, Vector2d(1, 1));
    // vertices (1, 1), (1.5, 1), (1, 1.5): the worst is reflected to (1.5, 0.5), then expanded
    CHECK(method.advance(slope, state) == Outcome::advanced);
    CHECK(method.point(state) == Vector2d(1.75, 0));
    CHECK(method.value(slope, state) == 1.75);
    CHECK(state.clock.iteration == 1);
    CHECK(state.clock.epoch == 4);

    const auto bowl =
        objective([](const Vector2d& x) { return (x - Vector2d(1, 1)).squaredNorm(); });
    auto inside = method.start(bowl, Vector2d(1, 1));
    CHECK(method.spread(inside).points == 0.5);
    CHECK(method.spread(inside).values == 0.25);
    // of two that are as bad the later is the worst; reflected to (1.5, 0.5), which is no better
    CHECK(method.advance(bowl, inside) == Outcome::advanced);
    CHECK(inside.simplex[1].x == Vector2d(1.125, 1.25));
    CHECK(inside.simplex[2].x == Vector2d(1.5, 1));
}

TEST_CASE("Nelder-Mead counts what MATLAB's fminsearch counts on Rosenbrock's function") {
    // its manual: 85 iterations with the initial simplex, 159 evaluations, fval 8.1777e-10
    std::int64_t calls = 0;
    const auto f = objective([&](const Vector2d& x) {
        ++calls;
        return 100 * std::pow(x[1] - x[0] * x[0], 2) + std::pow(1 - x[0], 2);
    });
    OwnSimplex search(NelderMead{.restarts = 0, .adaptive = false}, f,
                      {{-1.2, 1}, {-1.2 * 1.05, 1}, {-1.2, 1.05}});
    calls = 3;
    CHECK(search.run(f, 1e-4) == 84);
    CHECK(calls == 159);
    CHECK(search.state.simplex[0].value == Approx(8.1777e-10).epsilon(1e-4));
}

TEST_CASE("the oriented restart leaves the point where McKinnon's simplex collapses") {
    const auto f = objective([](const Vector2d& x) { return mckinnon(x); });
    const double a = (1 + std::sqrt(33)) / 8;
    const double b = (1 - std::sqrt(33)) / 8;
    const std::vector<Vector2d> simplex{{0, 0}, {a, b}, {1, 1}};
    OwnSimplex without(NelderMead{.restarts = 0}, f, simplex);
    without.run(f, 1e-8);
    CHECK(without.state.simplex[0].x == Vector2d(0, 0));  // where the slope is 1
    OwnSimplex with(NelderMead{}, f, simplex);
    CHECK(with.run(f, 1e-8) < 200);
    CHECK(with.state.restarts >= 1);
    CHECK(with.state.simplex[0].value == Approx(-0.25).epsilon(1e-12));
    CHECK((with.state.simplex[0].x - Vector2d(0, -0.5)).norm() < 1e-7);
}

TEST_CASE("searches reach known minima from values alone, and stop by themselves") {
    for (const Index n : {1, 2, 4, 8}) {
        VectorXd x0 = VectorXd::Ones(n);
        for (Index i = 0; i < n; i += 2) x0[i] = -1.2;
        with_both([&](const auto& method) {
            const auto hump = n == 1 ? Values{[](const VectorXd& x) { return x.squaredNorm(); }}
                                     : Values{chained_rosenbrock};
            const auto result = minimize(hump, x0, method);
            INFO("n = " << n << "\n" << result);
            CHECK(result.converged());
            CHECK(result.value < 1e-13);
            CHECK(result.value == hump.value(result.x));
            CHECK(std::isnan(result.gradient_norm));
            CHECK(result.counts.values + result.counts.monitoring == hump.calls - 1);
            CHECK(result.counts.gradients == 0);
            CHECK(result.certificate.kind == Certificate::Kind::none);
        });
    }
    const auto steep = bowl<VectorXd>(10, 1e4);
    const auto by_covariance = minimize(steep.f, steep.start, CmaEs{.sigma = 1});
    CHECK(by_covariance.converged());
    // values near the minimum differ by rounding, which hides the last steps along the flattest
    // axis
    CHECK((by_covariance.x - steep.target).norm() <
          4 * std::sqrt(2e-16 * std::abs(steep.minimum) / steep.f.strong_convexity()));
    CHECK(by_covariance.counts.gradients == 0);
    CHECK(by_covariance.gradient_norm < 1e-3);  // the answer's is known where f has one
    const auto rounded = bowl<Eigen::Vector3f>(3, 5);
    with_both([&](const auto& method) {
        const auto result = minimize(rounded.f, rounded.start, method,
                                     first_of(Spread{1e-3, 1e-5}, MaxIterations{1000}));
        CHECK(result.converged());
        CHECK((result.x - rounded.target).norm() < 1e-2f);
    });
    const auto gentle = bowl<VectorXd>(5, 100);
    for (const bool adaptive : {true, false}) {
        const auto result = minimize(gentle.f, gentle.start, NelderMead{.adaptive = adaptive});
        CHECK(result.converged());
        CHECK((result.x - gentle.target).norm() < 1e-6);
    }
}

TEST_CASE("converged says that the spread asked for is reached, and no less") {
    const auto steep = bowl<VectorXd>(4, 100);
    for (const double points : {1e-2, 1e-5}) {
        for (const double values : {1e-3, 1e-9}) {
            with_both([&](const auto& method) {
                Spread last;
                const auto result = minimize(steep.f, steep.start, method, Spread{points, values},
                                             [&](const auto& p) { last = p.spread(); });
                CHECK(result.converged());
                CHECK(last.points <= points);
                CHECK(last.values <= values);
                CHECK(result.value - steep.minimum < 30 * std::max(points, values));
            });
        }
    }
    with_both([&](const auto& method) {
        CHECK(minimize(steep.f, steep.start, method, first_of(Spread{}, MaxIterations{5})).status ==
              Status::max_iterations);
        // where there is a gradient it may be asked for, and then it counts
        const auto result = minimize(steep.f, steep.start, method, GradientNorm{1e-4});
        CHECK(result.converged());
        CHECK(result.gradient_norm <= 1e-4);
        CHECK(result.counts.monitoring >= result.iterations);
        // {} is the usual rule, too
        CHECK(minimize(Values{rastrigin}, steep.start, method, {}, [](const auto&) {}).converged());
        // what cannot be reached ends where the arithmetic does
        const auto exact =
            minimize(steep.f, steep.start, method, first_of(Spread{0, 0}, MaxIterations{100000}));
        CHECK((exact.status == Status::no_progress || exact.status == Status::converged));
        CHECK((exact.x - steep.target).norm() < 1e-6);
    });
}

TEST_CASE("searches bear kinks, plateaus and flat functions") {
    const Values distances{
        [](const VectorXd& x) { return (x.array() - 0.3).abs().sum() + (x.sum() < 0 ? 1 : 0); }};
    const auto cornered = minimize(distances, VectorXd::LinSpaced(6, -3, 2).eval(), CmaEs{});
    CHECK(cornered.converged());
    CHECK((cornered.x.array() - 0.3).abs().maxCoeff() < 1e-7);
    const auto plane = minimize(distances, VectorXd::LinSpaced(2, -3, 2).eval(), NelderMead{});
    CHECK(plane.converged());
    CHECK((plane.x.array() - 0.3).abs().maxCoeff() < 1e-7);

    const Values stairs{[](const VectorXd& x) { return x.array().floor().square().sum(); }};
    const auto bottom = minimize(stairs, VectorXd::LinSpaced(5, 3, 9).eval(), CmaEs{});
    CHECK(bottom.value == 0);
    CHECK(bottom.status == Status::no_progress);  // it has grown, and found nothing lower
    CHECK(bottom.iterations < 2000);

    const Values flat{[](const VectorXd&) { return 3.0; }};
    const VectorXd x0 = VectorXd::LinSpaced(3, 1, 2);
    const auto contracted = minimize(flat, x0, NelderMead{});
    CHECK(contracted.converged());  // so it was asked
    CHECK(contracted.iterations < 200);
    const auto lost = minimize(flat, x0, CmaEs{});
    CHECK(lost.status == Status::no_progress);
    CHECK(lost.x == x0);
    CHECK(lost.iterations < 200);
}

TEST_CASE("NaN is no place to go, and no place to begin") {
    with_both([&](const auto& method) {
        const auto result = minimize(Values{barrier}, VectorXd::Constant(5, 1e-3).eval(), method);
        INFO(result);
        CHECK(result.converged());
        CHECK(result.value == Approx(5).epsilon(1e-13));
        CHECK((result.x.array() - 1).abs().maxCoeff() < 1e-6);

        const VectorXd outside = VectorXd::Constant(5, -1);
        const auto begun = minimize(Values{barrier}, outside, method);
        CHECK(begun.status == Status::non_finite);
        CHECK(begun.x == outside);
        CHECK(begun.iterations == 0);
        CHECK(begun.counts.values == 1);

        // finite within 1e-6 of the start alone
        const Values island{
            [](const VectorXd& x) { return x.norm() <= 1e-6 ? x[0] : not_a_number; }};
        const auto stranded =
            minimize(island, VectorXd::Zero(3).eval(), method, MaxIterations{3000});
        CHECK(stranded.value <= 0);
        CHECK(stranded.x.norm() <= 1e-6);

        const auto downhill = minimize(Values{[](const VectorXd& x) { return 1e300 * x[0]; }},
                                       VectorXd::Zero(2).eval(), method, MaxIterations{100000});
        CHECK(downhill.status == Status::unbounded);
        CHECK(downhill.x.allFinite());
        CHECK(std::isfinite(downhill.value));
    });
}

TEST_CASE("a box is kept by moving points into it") {
    const auto steep = bowl<VectorXd>(3, 10);
    const auto f = steep.f + Box{.lower = -0.2, .upper = 0.2};
    const auto known = minimize(f, steep.start, gradient_descent(),
                                first_of(GradientNorm{1e-10}, MaxIterations{100000}));
    REQUIRE(known.converged());
    with_both([&](const auto& method) {
        const auto result = minimize(f, steep.start, method);
        INFO(result);
        CHECK(result.x.cwiseAbs().maxCoeff() <= 0.2);
        CHECK(result.value == Approx(known.value).epsilon(1e-6));
    });
}

TEST_CASE("the same seed gives the same bits, another one another search") {
    const VectorXd x0 = VectorXd::Constant(4, 2.2);
    const auto search = [&](std::uint64_t seed) {
        return minimize(Values{rastrigin}, x0, CmaEs{.sigma = 1, .seed = seed});
    };
    CHECK(same_bits(search(3), search(3)));
    CHECK_FALSE(same_bits(search(3), search(4)));
    const auto many = [&](std::uint64_t seed) {
        return minimize(Values{rastrigin}, x0,
                        multi_start(NelderMead{}, NormalStarts{.count = 5, .seed = seed}));
    };
    CHECK(same_bits(many(3), many(3)));
    CHECK_FALSE(same_bits(many(3), many(4)));
}

TEST_CASE("the larger the population, the more often it finds the lowest of many minima") {
    // Hansen & Kern, PPSN VIII, 2004
    for (const auto formula : {rastrigin, ackley}) {
        const auto found = [&](int population) {
            int times = 0;
            for (std::uint64_t seed = 1; seed <= 10; ++seed) {
                const auto result =
                    minimize(Values{formula}, VectorXd::Constant(5, 3.3).eval(),
                             CmaEs{.sigma = 2, .population = population, .seed = seed});
                CHECK(result.converged());
                times += result.value < 1e-7;
            }
            return times;
        };
        CHECK(found(400) == 10);
        if (formula == rastrigin) CHECK(found(0) <= 2);
    }
}

TEST_CASE("multi_start finds the lowest of many minima, and counts them") {
    const VectorXd x0 = VectorXd::Constant(2, 3.3);
    const UniformStarts starts{.count = 60, .lower = -5, .upper = 5};
    for (const auto formula : {rastrigin, ackley}) {
        const Values f{formula};
        const auto result = minimize(f, x0, multi_start(CmaEs{.sigma = 1}, starts));
        CHECK(result.converged());
        CHECK(result.value < 1e-7);
        CHECK(result.x.norm() < 1e-6);
        CHECK(result.notes.starts == 60);
        if (formula == rastrigin) CHECK(result.notes.minima >= 2);
        CHECK(result.notes.best_minimum_runs >= 2);
        CHECK(result.counts.values + result.counts.monitoring == f.calls);
    }

    const auto by_gradients =
        minimize(Rastrigin{}, x0,
                 multi_start(lbfgs(), UniformStarts{.count = 300, .lower = -5, .upper = 5},
                             first_of(GradientNorm{1e-9}, MaxIterations{100})));
    CHECK(by_gradients.converged());
    CHECK(by_gradients.gradient_norm <= 1e-9);
    CHECK(by_gradients.value < 1e-12);
    CHECK(by_gradients.notes.minima > 20);
    CHECK(by_gradients.notes.minima <= 121);  // one near each point of whole numbers

    // two wells: all runs end in one of them, and the counts are those of the runs
    const TwoWells wells;
    const auto local = first_of(GradientNorm{1e-9}, MaxIterations{500});
    const std::vector<VectorXd> points{VectorXd::Constant(1, -2), VectorXd::Constant(1, 0.5),
                                       VectorXd::Constant(1, 3), VectorXd::Constant(1, -0.5)};
    const VectorXd first = VectorXd::Constant(1, 1.5);
    std::vector<std::int64_t> ends;
    const auto result = minimize(wells, first, multi_start(gradient_descent(0.02), points, local),
                                 {}, [&](const auto& p) {
                                     ends.clear();
                                     for (const auto& minimum : p.state().minima)
                                         ends.push_back(minimum.runs);
                                 });
    CHECK(result.converged());
    CHECK(result.gradient_norm <= 1e-9);
    const double third = std::acos(-0.1125 * std::sqrt(3)) / 3;  // of the cubic x³ − x + 0.075
    CHECK(result.x[0] == Approx(2 / std::sqrt(3) * std::cos(third - 4 * std::numbers::pi / 3)));
    CHECK(result.notes.starts == 5);
    CHECK(result.notes.minima == 2);
    CHECK(result.notes.best_minimum_runs == 2);
    CHECK(ends == std::vector<std::int64_t>{3, 2});
    std::int64_t gradients = 0, iterations = 0;
    auto all = points;
    all.push_back(first);
    for (const auto& point : all) {
        const auto alone = minimize(wells, point, gradient_descent(0.02), local);
        gradients += alone.counts.gradients;
        iterations += alone.iterations;
    }
    CHECK(result.counts.gradients == gradients);
    CHECK(result.iterations == iterations);
    std::ostringstream text;
    text << result;
    CHECK_THAT(text.str(), contains("5 starts, which ended in 2 different minima, 2 of them"));
}

TEST_CASE("multi_start says how the run ended that gave the answer, and keeps budgets") {
    const TwoWells wells;
    const VectorXd right = VectorXd::Constant(1, 1.5);
    const std::vector<VectorXd> left{VectorXd::Constant(1, -1.5)};
    // the left run is the better one, and does not reach what is asked in ten rounds
    const auto short_of = minimize(
        wells, right,
        multi_start(gradient_descent(0.02), left, first_of(GradientNorm{1e-9}, MaxIterations{10})));
    CHECK(short_of.status == Status::max_iterations);
    CHECK(short_of.iterations == 20);
    CHECK(short_of.x[0] < -1);
    CHECK(short_of.notes.minima == 0);
    const auto cut =
        minimize(wells, right, multi_start(gradient_descent(0.02), left), MaxIterations{3});
    CHECK(cut.status == Status::max_iterations);
    CHECK(cut.iterations == 3);
    CHECK(cut.value < wells.value(right));

    // NaN starts are passed over, diverging runs survived
    const auto half = objective([](const VectorXd& x) { return x[0] - std::log(x[0]); },
                                [](const VectorXd& x, VectorXd& g) { g[0] = 1 - 1 / x[0]; });
    const VectorXd bad = VectorXd::Constant(1, -1);
    const std::vector<VectorXd> mixed{VectorXd::Constant(1, 0.5), bad, VectorXd::Constant(1, 1e-3),
                                      VectorXd::Constant(1, 2.0)};
    const auto survived = minimize(half, bad, multi_start(gradient_descent(0.1), mixed));
    CHECK(survived.converged());
    CHECK(survived.x[0] == Approx(1).epsilon(1e-5));
    CHECK(survived.notes.starts == 5);
    // one run that falls without end is the end of all
    const auto cliff =
        objective([](const VectorXd& x) { return x[0] < 0 ? x[0] * 1e308 : x[0] * x[0]; },
                  [](const VectorXd& x, VectorXd& g) { g[0] = x[0] < 0 ? 1e308 : 2 * x[0]; });
    for (const double below : {-0.5, -10.0}) {
        const auto fallen = minimize(
            cliff, right,
            multi_start(gradient_descent(0.1), std::vector{VectorXd::Constant(1, below).eval()}));
        CHECK(fallen.status == Status::unbounded);
        CHECK(fallen.x.allFinite());
    }
    const auto none = minimize(half, bad, multi_start(gradient_descent(0.1), std::vector{bad}));
    CHECK(none.status == Status::non_finite);
    const auto alone =
        minimize(wells, right, multi_start(gradient_descent(0.02), UniformStarts{.count = 1}));
    const auto plain = minimize(wells, right, gradient_descent(0.02));
    CHECK(alone.x == plain.x);
    CHECK(alone.status == plain.status);
}

TEST_CASE("searches refuse options that make no sense") {
    const Values f{rastrigin};
    const VectorXd x0 = VectorXd::Ones(2);
    const auto run = [&](const auto& method) { return minimize(f, x0, method); };
    CHECK_THROWS_WITH(run(NelderMead{.edge = 0}), contains("NelderMead.edge is 0"));
    CHECK_THROWS_WITH(run(NelderMead{.restarts = -1}), contains("NelderMead.restarts is -1"));
    CHECK_THROWS_WITH(run(CmaEs{.sigma = -1}), contains("CmaEs.sigma is -1"));
    CHECK_THROWS_WITH(run(CmaEs{.sigma = infinity}), contains("CmaEs.sigma is inf"));
    CHECK_THROWS_WITH(run(CmaEs{.population = 3}), contains("CmaEs.population is 3"));
    CHECK_THROWS_WITH(minimize(f, x0, NelderMead{}, Spread{.points = -1}),
                      contains("Spread.points is -1"));
    CHECK_THROWS_WITH(minimize(f, x0, NelderMead{}, Spread{.values = not_a_number}),
                      contains("Spread.values is nan"));
    const auto from = [&](const auto& starts) {
        return minimize(f, x0, multi_start(NelderMead{}, starts));
    };
    CHECK_THROWS_WITH(from(UniformStarts{.count = 0}), contains("UniformStarts.count is 0"));
    CHECK_THROWS_WITH(from(UniformStarts{.lower = 2}), contains("lower is 2"));
    CHECK_THROWS_WITH(from(NormalStarts{.sigma = -2}), contains("NormalStarts.sigma is -2"));
    CHECK_THROWS_WITH(from(std::vector<VectorXd>{VectorXd::Zero(3)}),
                      contains("start 1 has 3 numbers, and x0 2"));
    CHECK_THROWS_WITH(from(std::vector<VectorXd>{VectorXd::Constant(2, infinity)}),
                      contains("start 1 is not finite"));
}
