// SPDX-License-Identifier: MIT
// Every method finds every minimum that is known, at the speed that theory promises, and a sentence
// means the same however it is put together.
#include "ermine_catch.hpp"
#include "known_minima.hpp"
#include "same_bytes.hpp"

#include <numbers>
#include <type_traits>

#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/clip_by_value.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/objectives/box.hpp>
#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/cosine.hpp>
#include <ermine/steps/exponential.hpp>
#include <ermine/steps/inverse_time.hpp>
#include <ermine/steps/stepwise.hpp>
#include <ermine/steps/warmup.hpp>
#include <ermine/tails/average.hpp>
#include <ermine/tails/nesterov.hpp>

using namespace ermine;
using Eigen::Vector2d;
using Eigen::Vector2f;
using Eigen::VectorXd;
using Eigen::VectorXf;

namespace {

/// The method ends converged, at the minimum.
template <class V>
void finds(const Bowl<V>& bowl, const auto& method, double tolerance) {
    const auto result = minimize(bowl.f, bowl.start, method,
                                 first_of(GradientNorm{tolerance}, MaxIterations{20000}));
    CHECK(result.converged());
    CHECK(result.gradient_norm <= tolerance);
    // ‖x − x*‖ <= ‖∇f‖ / μ, with μ = 1, and rounding in float
    const double room = 10 * std::numeric_limits<typename V::Scalar>::epsilon();
    CHECK((result.x - bowl.target).norm() <= 2 * std::sqrt(double(bowl.target.size())) * tolerance);
    CHECK(result.value <= bowl.minimum + 100 * room * std::max(1.0, std::abs(bowl.minimum)));
}

template <class V>
void all_find(Index n, double tolerance) {
    const auto problem = bowl<V>(n, 10);
    const double step = 1 / problem.f.smoothness();
    finds(problem, gradient_descent(), tolerance);
    finds(problem, gradient_descent(step / 2), tolerance);
    finds(problem, gradient_descent() | Nesterov{}, tolerance);
    finds(problem, FullGradient{} | Backtracking{}, tolerance);
    finds(problem, newton(), tolerance);
    finds(problem, FullGradient{} | Newton{} | Constant{1}, tolerance);
    finds(problem, FullGradient{} | ClipByNorm{0.5} | Momentum{} | Warmup{20} | Constant{step / 5},
          tolerance);
}

}  // namespace

TEST_CASE("methods find the minimum of a quadratic: fixed size, double") {
    all_find<Vector2d>(2, 1e-10);
}

TEST_CASE("methods find the minimum of a quadratic: run-time size, double") {
    all_find<VectorXd>(1, 1e-10);
    all_find<VectorXd>(20, 1e-10);
}

TEST_CASE("methods find the minimum of a quadratic: fixed size, float") {
    all_find<Vector2f>(2, 1e-4);
}

TEST_CASE("methods find the minimum of a quadratic: run-time size, float") {
    all_find<VectorXf>(7, 1e-4);
}

TEST_CASE("methods find Rosenbrock's minimum") {
    const auto ends = [](const auto& x0, const auto& method, double tolerance) {
        const auto result = minimize(Rosenbrock{}, x0, method,
                                     first_of(GradientNorm{tolerance}, MaxIterations{100000}));
        CHECK(result.converged());
        CHECK((result.x.array() - 1).abs().maxCoeff() < 1000 * tolerance);
        return result.iterations;
    };
    CHECK(ends(Vector2d(-1.2, 1), newton(), 1e-10) < 40);
    ends(VectorXd(Vector2d(-1.2, 1)), newton(), 1e-10);
    ends(Vector2d(-1.2, 1), FullGradient{} | Backtracking{}, 1e-6);
    ends(Vector2d(-1.2, 1), FullGradient{} | ClipByNorm{} | Momentum{0.99} | Constant{1e-4}, 1e-6);
    ends(Vector2d(-1.2, 1), FullGradient{} | ClipByValue{} | Constant{1e-3}, 1e-6);
    ends(VectorXd::Constant(6, 0.5).eval(), newton(), 1e-8);
}

TEST_CASE("minibatch methods find the point that fits all examples") {
    const auto problem = interpolated(103, 5);
    const auto finds = [&](const auto& method, double room) {
        const auto result = minimize(problem.f, VectorXd::Zero(5).eval(), method, MaxEpochs{120});
        CHECK(result.status == Status::max_epochs);
        CHECK((result.x - problem.target).norm() < room);
        CHECK(result.value == Approx(problem.f.value(result.x)));
    };
    finds(sgd(0.1, {.size = 10}), 1e-9);
    finds(Minibatch{.size = 10} | Momentum{0.5} | Constant{0.05}, 1e-9);
    finds(Minibatch{.size = 10} | ClipByNorm{1} | Momentum{0.5} | Warmup{50} |
              Cosine{.initial = 0.1, .epochs = 120},
          1e-6);
    finds(Minibatch{.size = 10} | ClipByValue{1} | Exponential{.initial = 0.1, .decay = 0.99},
          1e-6);
    finds(Minibatch{.size = 10} | InverseTime{.initial = 0.1, .decay = 0.01} | Average{500}, 1e-6);
    finds(Minibatch{.size = 10} | Stepwise{.initial = 0.1, .decay = 0.5, .every = 40}, 1e-6);
}

TEST_CASE("the proximal step finds the minimum that soft thresholding names") {
    // rows √n times orthonormal columns: ∇f = x − c, so argmin f + λ‖x‖₁ thresholds c
    Random random(5);
    const Index n = 40;
    const Eigen::MatrixXd noise = normal_matrix(n, 6, random);
    const Eigen::MatrixXd q =
        noise.householderQr().householderQ() * Eigen::MatrixXd::Identity(n, 6);
    const Eigen::MatrixXd rows = std::sqrt(double(n)) * q;
    const auto y = normal_vector<VectorXd>(n, random);
    const MeanSquares f{rows, y};
    const VectorXd c = rows.transpose() * y / double(n);
    const double lambda = c.cwiseAbs().mean();
    const auto shrunk = [](double v, double t) { return v > t ? v - t : v < -t ? v + t : 0; };
    const auto ends = [&](const auto& objective, const VectorXd& minimum, const auto& method) {
        const auto result = minimize(objective, VectorXd::Ones(6).eval(), method,
                                     first_of(GradientNorm{1e-10}, MaxIterations{5000}));
        CHECK(result.converged());
        CHECK((result.x - minimum).cwiseAbs().maxCoeff() < 1e-9);
        for (Index i = 0; i < 6; ++i) CHECK((result.x[i] == 0) == (minimum[i] == 0));
        CHECK(result.value == Approx(objective.value(minimum)).epsilon(1e-12));
    };
    const auto each = [&](const auto& objective, const VectorXd& minimum) {
        ends(objective, minimum, FullGradient{} | Constant{0.3});
        ends(objective, minimum, FullGradient{} | Constant{0.3} | Nesterov{});
        ends(objective, minimum, FullGradient{} | Backtracking{});
        ends(objective, minimum, FullGradient{} | Backtracking{} | Nesterov{});
        ends(objective, minimum, FullGradient{} | ClipByNorm{0.1} | Momentum{0.5} | Constant{0.1});
    };
    VectorXd sparse(6), elastic(6), inside(6);
    for (Index i = 0; i < 6; ++i) {
        sparse[i] = shrunk(c[i], lambda);
        elastic[i] = shrunk(c[i], lambda) / (1 + lambda);
        inside[i] = std::clamp(c[i], 0.0, 0.1);
    }
    CHECK((sparse.array() == 0).any());
    each(Penalized{f, L1{lambda}}, sparse);
    each(Penalized{f, ElasticNet{.l1 = lambda, .l2 = lambda}}, elastic);
    each(Penalized{f, Box{.lower = 0, .upper = 0.1}}, inside);
    const auto sampled =
        minimize(Penalized{f, L1{lambda}}, VectorXd::Zero(6).eval(),
                 Minibatch{.size = 8} | InverseTime{.initial = 0.2, .decay = 1}, MaxEpochs{400});
    CHECK((sampled.x - sparse).norm() < 0.02);
    CHECK(sampled.value == Approx(Penalized{f, L1{lambda}}.value(sampled.x)));
}

TEST_CASE("gradient descent and Nesterov keep to their rates") {
    for (const double condition : {1.0, 10.0, 1000.0}) {
        const auto problem = bowl<VectorXd>(12, condition);
        const double start = problem.f.value(problem.start) - problem.minimum;
        const double ratio = 1 - problem.f.strong_convexity() / problem.f.smoothness();
        const double rounding = 1e-13 * start;
        const auto linear = [&](const auto& p) {
            const double gap = problem.f.value(p.point()) - problem.minimum;
            CHECK(gap <= std::pow(ratio, double(p.iteration())) * start + rounding);
        };
        CHECK(minimize(problem.f, problem.start, gradient_descent(), MaxIterations{300}, linear)
                  .iterations == 300);
        const double distance = (problem.start - problem.target).squaredNorm();
        const auto quadratic = [&](const auto& p) {
            const double gap = problem.f.value(p.point()) - problem.minimum;
            const double k = double(p.iteration()) + 1;
            if (p.iteration() > 0)
                CHECK(gap <= 2 * problem.f.smoothness() * distance / (k * k) + rounding);
        };
        CHECK(minimize(problem.f, problem.start, gradient_descent() | Nesterov{},
                       MaxIterations{300}, quadratic)
                  .iterations == 300);
    }
}

TEST_CASE("clipping never lengthens") {
    Random random(11);
    for (int round = 0; round < 200; ++round) {
        const Index n = 1 + round % 7;
        const double scale = std::pow(10.0, random.uniform() * 40 - 20);
        const VectorXd d = scale * normal_vector<VectorXd>(n, random);
        const double limit = std::pow(10.0, random.uniform() * 10 - 5);

        const ClipByNorm by_norm{limit};
        auto state = by_norm.start(0, d);
        VectorXd clipped = d;
        by_norm.settle(state, by_norm.measure(clipped));
        by_norm.apply(clipped, state, 0, Clock{});
        CHECK(clipped.norm() <= std::min(d.norm(), limit) * (1 + 1e-14));
        CHECK(clipped.dot(d) >= clipped.norm() * d.norm() * (1 - 1e-14));
        if (d.norm() < limit * (1 - 1e-14)) CHECK(same_bytes(clipped, d));

        const ClipByValue by_value{limit};
        auto nothing = by_value.start(0, d);
        VectorXd cut = d;
        by_value.apply(cut, nothing, 0, Clock{});
        CHECK(cut.cwiseAbs().maxCoeff() <= limit);
        CHECK((cut.array() == d.array() || d.array().abs() > limit).all());
        CHECK((cut.array() * d.array() >= 0).all());
    }
}

TEST_CASE("a sentence means the same however it is put together") {
    const auto problem = interpolated(50, 4);
    const Minibatch e{.size = 7, .seed = 5};
    const ClipByNorm c{2};
    const Momentum m{0.8};
    const Warmup w{10};
    const Cosine s{.initial = 0.05, .epochs = 9};
    const Average t{3};
    const auto run = [&](const auto& method) {
        return minimize(problem.f, VectorXd::Zero(4).eval(), method, MaxEpochs{9}).x;
    };
    const auto left = e | c | m | w | s | t;
    const auto right = e | (c | (m | (w | (s | t))));
    const auto middle = (e | c) | ((m | w) | (s | t));
    static_assert(std::is_same_v<decltype(left), decltype(right)>);
    static_assert(std::is_same_v<decltype(left), decltype(middle)>);
    const VectorXd answer = run(left);
    CHECK(same_bytes(answer, run(right)));
    CHECK(same_bytes(answer, run(middle)));
    CHECK(same_bytes(answer, run(left)));
    CHECK_FALSE(same_bytes(answer, run(Minibatch{.size = 7, .seed = 6} | c | m | w | s | t)));
    CHECK(same_bytes(
        answer, run(minibatch(ShuffledEachEpoch{.seed = 5}, {.size = 7}) | c | m | w | s | t)));
}

namespace {

/// ½ Σ cᵢ xᵢ² with 0.1 <= cᵢ < 1.1, of any length.
struct Diagonal {
    VectorXd c;
    double value(const VectorXd& x) const { return x.dot(c.cwiseProduct(x)) / 2; }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        g = c.cwiseProduct(x);
        return x.dot(g) / 2;
    }
};

}  // namespace

TEST_CASE("a chain, block by block, equals a loop by hand to the last bit") {
    for (const Index n : {1, 1023, 1024, 1025, 5000}) {
        Random random(2);
        Diagonal f{VectorXd(n)};
        for (double& c : f.c) c = 0.1 + random.uniform();
        const auto x0 = normal_vector<VectorXd>(n, random);

        const auto result =
            minimize(f, x0,
                     FullGradient{} | ClipByNorm{0.5} | Momentum{0.9} | ClipByValue{0.4} |
                         Warmup{7} | Cosine{.initial = 0.3, .final = 0.01, .epochs = 30},
                     MaxIterations{40});
        const auto reordered =
            minimize(f, x0, FullGradient{} | Momentum{0.9} | ClipByNorm{0.5} | Constant{0.3},
                     MaxIterations{40});

        VectorXd x = x0, g(n), velocity = VectorXd::Zero(n);
        const auto clip = [&](VectorXd& d) {
            double sum = 0;
            for (Index at = 0; at < n; at += 1024)
                sum += d.segment(at, std::min<Index>(1024, n - at)).squaredNorm();
            if (sum > 0.25) d *= 0.5 / std::sqrt(sum);
        };
        for (int k = 0; k < 40; ++k) {
            f.value_and_gradient(x, g);
            clip(g);
            velocity = 0.9 * velocity + g;
            const VectorXd d = velocity.array().min(0.4).max(-0.4);
            const double wave = std::cos(std::numbers::pi * std::min(k / 30.0, 1.0));
            const double length = 0.01 + (0.3 - 0.01) * (1 + wave) / 2;
            x -= length * std::min(1.0, (k + 1) / 7.0) * d;
        }
        CHECK(same_bytes(result.x, x));

        x = x0;
        velocity.setZero();
        for (int k = 0; k < 40; ++k) {
            f.value_and_gradient(x, g);
            velocity = 0.9 * velocity + g;
            VectorXd d = velocity;
            clip(d);
            x -= 0.3 * d;
        }
        CHECK(same_bytes(reordered.x, x));
    }
}
