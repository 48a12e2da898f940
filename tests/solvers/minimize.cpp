// SPDX-License-Identifier: MIT
// What a run promises: what it counts, how it ends, and what it answers with.
#include "../laws/known_minima.hpp"
#include "ermine_catch.hpp"

#include <cstring>
#include <limits>
#include <sstream>

#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/clip_by_value.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/objectives/box.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/objective.hpp>
#include <ermine/objectives/with_lipschitz.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/patience.hpp>
#include <ermine/tails/average.hpp>
#include <ermine/tails/nesterov.hpp>

using namespace ermine;
using Eigen::Matrix2d;
using Eigen::Vector2d;
using Eigen::VectorXd;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

/// ½ ‖x‖² and, from the given evaluation of the gradient on, something else.
struct Tripwire {
    int good;
    double then;
    bool in_gradient = false;
    mutable int seen = 0;

    double value(const VectorXd& x) const { return x.squaredNorm() / 2; }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        g = x;
        if (seen++ < good) return value(x);
        if (!in_gradient) return then;
        g[0] = then;
        return value(x);
    }
    Index examples() const { return 20; }
    double value_and_gradient(const VectorXd& x, Batch, VectorXd& g) const {
        return value_and_gradient(x, g);
    }
};

/// x² + (y² − 1)²: two minima, a saddle between them.
struct TwoValleys {
    double value(const Vector2d& x) const { return x[0] * x[0] + std::pow(x[1] * x[1] - 1, 2); }
    double value_and_gradient(const Vector2d& x, Vector2d& g) const {
        g << 2 * x[0], 4 * x[1] * (x[1] * x[1] - 1);
        return value(x);
    }
    void hessian(const Vector2d& x, Matrix2d& h) const { h << 2, 0, 0, 12 * x[1] * x[1] - 4; }
};

template <class F>
void answers_with_its_value(const F& f, const VectorXd& x0, const auto& method, const auto& stop) {
    const auto result = minimize(f, x0, method, stop);
    CHECK(result.value == Approx(f.value(result.x)).epsilon(1e-14));
    const auto& smooth = smooth_part(f);
    VectorXd g(x0.size()), room(x0.size());
    smooth.value_and_gradient(result.x, g);
    CHECK(result.gradient_norm == Approx(stationarity(f, result.x, g, room)).margin(1e-15));
}

}  // namespace

TEST_CASE("the epoch clock counts committed work") {
    for (const Index n : {100, 103, 7}) {
        const auto problem = interpolated(n, 4);
        const auto counts_five = [&](const auto& f, const auto& method, Index size) {
            const auto result = minimize(f, VectorXd::Zero(4).eval(), method, MaxEpochs{5});
            CHECK(result.status == Status::max_epochs);
            CHECK(result.counts.examples == 5 * n);
            CHECK(result.counts.gradients == 5 * ((n + size - 1) / size));
            CHECK(result.iterations == result.counts.gradients);
            CHECK(result.epochs == Approx(5).epsilon(1e-12));
        };
        for (const Index size : {Index{1}, Index{5}, Index{7}, n}) {
            counts_five(problem.f, sgd(1e-3, {.size = size}), size);
            counts_five(problem.f,
                        Minibatch{.size = size} | Momentum{} | Constant{1e-3} | Average{}, size);
            counts_five(Penalized{problem.f, L1{0.1}}, sgd(1e-3, {.size = size}), size);
        }
        // the gradient of all examples is known before the first step
        const auto full =
            minimize(problem.f, VectorXd::Zero(4).eval(), gradient_descent(), MaxEpochs{5});
        CHECK(full.iterations == 5);
        CHECK(full.counts.examples == 6 * n);
    }
}

TEST_CASE("a run that diverges answers with the lowest point seen") {
    const auto problem = bowl<VectorXd>(10, 100);
    for (const int iterations : {30, 500, 1000000}) {
        for (const double times : {2.5, 2.02, 100.0}) {
            double lowest = infinity;
            const auto result =
                minimize(problem.f, problem.start, gradient_descent(times / problem.f.smoothness()),
                         MaxIterations{iterations},
                         [&](const auto& p) { lowest = std::min(lowest, p.value()); });
            if (problem.f.value(problem.start) < result.value || times > 2.02)
                CHECK(result.status == Status::diverged);
            CHECK(result.value <= problem.f.value(problem.start));
            if (result.status == Status::diverged) CHECK(result.value == Approx(lowest));
            CHECK(result.value == Approx(problem.f.value(result.x)).epsilon(1e-14));
        }
    }
    const auto sum = interpolated(60, 5);
    for (const double step : {2.0, 10.0, 1e3, 1e100}) {
        const auto sampled =
            minimize(sum.f, VectorXd::Zero(5).eval(), sgd(step, {.size = 4}), MaxEpochs{50});
        CHECK(sampled.status == Status::diverged);
        CHECK(sampled.value <= sum.f.value(VectorXd::Zero(5)));
        CHECK(sampled.x.allFinite());
    }
    const auto box =
        minimize(Penalized{problem.f, Box{.lower = -1, .upper = 1}},
                 VectorXd::Constant(10, 9).eval(), gradient_descent(1.0), MaxIterations{50});
    CHECK(box.x.cwiseAbs().maxCoeff() <= 1);
    CHECK(std::isfinite(box.value));
}

TEST_CASE("a run that begins at the minimum has not diverged") {
    for (std::uint64_t seed = 1; seed < 30; ++seed) {
        const auto problem = bowl<VectorXd>(5, 30, seed);
        for (const auto& x0 : {problem.target, minimize(problem.f, problem.start, newton()).x}) {
            CHECK(minimize(problem.f, x0, gradient_descent(), MaxIterations{50}).status ==
                  Status::max_iterations);
            CHECK(minimize(problem.f, x0, gradient_descent() | Nesterov{}, MaxIterations{50})
                      .status == Status::max_iterations);
        }
    }
}

TEST_CASE("the value is that of the whole objective, at the answer") {
    const auto sum = interpolated(53, 4);
    const VectorXd x0 = VectorXd::Ones(4);
    const MeanSquares other = interpolated(31, 4, 9).f;
    const auto each = [&](const auto& f, const auto& stop) {
        answers_with_its_value(f, x0, sgd(0.05, {.size = 8}), stop);
        answers_with_its_value(f, x0, Minibatch{.size = 8} | Constant{0.05} | Average{}, stop);
        answers_with_its_value(f, x0, FullGradient{} | Constant{0.1} | Nesterov{}, stop);
        answers_with_its_value(f, x0, FullGradient{} | Backtracking{}, stop);
    };
    each(sum.f, MaxEpochs{7});
    each(Penalized{sum.f, L1{0.3}}, MaxEpochs{7});
    each(sum.f, first_of(MaxEpochs{7}, patience(other, {.epochs = 2})));
    each(Penalized{sum.f, L1{0.3}}, first_of(MaxEpochs{7}, patience(other, {.epochs = 2})));
}

TEST_CASE("what is not finite ends the run with the last good point") {
    const VectorXd x0{{3.0, -4.0}};
    for (const double bad : {not_a_number, infinity, -infinity}) {
        for (const bool in_gradient : {false, true}) {
            const auto ends = [&](const auto& method, int good) {
                const Tripwire f{good, bad, in_gradient};
                const auto result = minimize(f, x0, method, MaxIterations{100});
                const bool bottomless = bad == -infinity && !in_gradient;
                CHECK((result.status == Status::unbounded) == bottomless);
                CHECK((result.status == Status::non_finite || bottomless ||
                       (bad == infinity && result.status == Status::diverged)));
                CHECK(result.x.allFinite());
                CHECK(result.x.norm() <= 5);
                CHECK(result.iterations <= good + 1);
                return result.x;
            };
            for (const int good : {0, 1, 7}) {
                const VectorXd gd = ends(FullGradient{} | Constant{0.5}, good);
                if (good > 0) CHECK(gd[0] == Approx(3 * std::pow(0.5, good - !in_gradient)));
                ends(FullGradient{} | ClipByValue{} | Momentum{0.3} | Constant{0.5}, good);
                ends(FullGradient{} | ClipByNorm{} | Constant{0.5} | Nesterov{}, good);
                ends(sgd(0.5, {.size = 10}), good);
                ends(Minibatch{.size = 10} | ClipByNorm{} | Constant{0.5} | Average{}, good);
            }
        }
    }
    // at the start there is nothing else to answer with
    const auto first = minimize(Tripwire{0, not_a_number}, x0, gradient_descent(0.5));
    CHECK(first.status == Status::non_finite);
    CHECK(first.x == x0);
    CHECK(first.iterations == 0);
    const VectorXd unknown{{1.0, not_a_number}};
    CHECK_THROWS_WITH(minimize(Tripwire{9, not_a_number}, unknown, gradient_descent(0.5)),
                      contains("starting point is not finite"));
    CHECK_THROWS_WITH(minimize(Tripwire{9, not_a_number}, VectorXd::Constant(1, infinity).eval(),
                               gradient_descent(0.5)),
                      contains("starting point is not finite"));
}

TEST_CASE("a line search backs off from where there is no value") {
    struct Barrier {  // x − log x, minimum at 1; NaN from 0 on
        double value(const VectorXd& x) const { return x[0] - std::log(x[0]); }
        double value_and_gradient(const VectorXd& x, VectorXd& g) const {
            g = (1 - x.array().inverse()).matrix();
            return value(x);
        }
        void hessian(const VectorXd& x, Eigen::MatrixXd& h) const { h(0, 0) = 1 / (x[0] * x[0]); }
    };
    for (const double x0 : {1e-3, 0.5, 8.0}) {
        const auto result = minimize(Barrier{}, VectorXd::Constant(1, x0).eval(), newton());
        CHECK(result.converged());
        CHECK(result.x[0] == Approx(1));
        CHECK(minimize(Barrier{}, VectorXd::Constant(1, x0).eval(), FullGradient{} | Backtracking{})
                  .converged());
    }
}

TEST_CASE("a line search at rounding level ends, and says so") {
    struct Offset {
        Bowl<VectorXd> bowl;
        double offset;
        double value(const VectorXd& x) const { return offset + bowl.f.value(x); }
        double value_and_gradient(const VectorXd& x, VectorXd& g) const {
            return offset + bowl.f.value_and_gradient(x, g);
        }
        void hessian(const VectorXd& x, Eigen::MatrixXd& h) const { bowl.f.hessian(x, h); }
    };
    for (std::uint64_t seed = 1; seed < 12; ++seed) {
        for (const double offset : {0.0, 1.0, 1e6}) {
            const Offset f{bowl<VectorXd>(6, 20, seed), offset};
            const auto ends = [&](const auto& objective, const auto& method) {
                const auto result = minimize(objective, f.bowl.start, method,
                                             first_of(GradientNorm{0}, MaxIterations{100000}));
                CHECK((result.converged() || result.status == Status::no_progress));
                CHECK(result.iterations < 1000);
                CHECK(result.counts.gradients < 3000);
                CHECK(result.gradient_norm < 1e-4);
            };
            ends(f, newton());
            ends(f, FullGradient{} | Backtracking{});
            ends(Penalized{f, L1{0.1}}, FullGradient{} | Backtracking{});
        }
    }
}

TEST_CASE("Newton leaves a saddle, and reports what it changed") {
    const auto result = minimize(TwoValleys{}, Vector2d(1, 0.1), newton(), GradientNorm{1e-10});
    CHECK(result.converged());
    CHECK(result.x[1] == Approx(1));
    CHECK(result.notes.regularized_hessians > 0);
    CHECK(result.notes.condition_number.value() == Approx(4));
    std::ostringstream text;
    text << result;
    CHECK_THAT(text.str(), contains("were not positive definite and were regularized"));
    // on the saddle itself the gradient is zero: a stationary point, found at once
    CHECK(minimize(TwoValleys{}, Vector2d(0, 0), newton()).iterations == 0);
}

TEST_CASE("the condition number of the last Hessian is that in the 2-norm") {
    for (const double condition : {1.0, 100.0, 1e8}) {
        const auto small = bowl<Vector2d>(2, condition);
        const auto fixed = minimize(small.f, small.start, newton(), MaxIterations{2});
        CHECK(fixed.notes.condition_number.value() >= condition * (1 - 1e-6));
        CHECK(fixed.notes.condition_number.value() <= condition * std::pow(2, 0.25) * (1 + 1e-6));
        const auto large = bowl<VectorXd>(15, condition);
        const auto dynamic = minimize(large.f, large.start, newton(), MaxIterations{2});
        CHECK(dynamic.notes.condition_number.value() <= condition * (1 + 1e-6));
        CHECK(dynamic.notes.condition_number.value() >= condition / 3);
    }
}

TEST_CASE("a constant objective has no step 1/L, and needs none") {
    const auto f = with_lipschitz(
        ermine::objective(
            [](const Eigen::VectorXd&) { return 3.0; },
            [](const Eigen::VectorXd& x, Eigen::VectorXd& g) { g.setZero(x.size()); }),
        {.gradient = 0});
    const auto result = minimize(f, Eigen::VectorXd::Ones(2).eval(), gradient_descent());
    CHECK(result.converged());
    CHECK(result.iterations == 0);
    CHECK(result.value == 3);
}

TEST_CASE("the certificate bounds the distance to the minimum") {
    for (std::uint64_t seed = 1; seed < 20; ++seed) {
        const auto problem = bowl<VectorXd>(8, 50, seed);
        for (const int iterations : {0, 1, 5, 60}) {
            const auto result =
                minimize(problem.f, problem.start, gradient_descent(), MaxIterations{iterations});
            CHECK(result.certificate.kind == Certificate::Kind::strong_convexity);
            CHECK(result.value - problem.minimum <= result.certificate.value + 1e-13);
            CHECK(result.certificate.value <= 51 * 1.01 * (result.value - problem.minimum) + 1e-12);
        }
    }
    CHECK(minimize(TwoValleys{}, Vector2d(1, 1), newton()).certificate.kind ==
          Certificate::Kind::none);
    const auto problem = bowl<VectorXd>(3, 2);
    CHECK(minimize(Penalized{problem.f, L1{1}}, problem.start, FullGradient{} | Backtracking{})
              .certificate.kind == Certificate::Kind::none);
}
