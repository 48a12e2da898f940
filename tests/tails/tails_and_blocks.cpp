// SPDX-License-Identifier: MIT
// Tails, the probe, and the directions that know blocks of parameters, each against its paper's
// recursion written out, on a fixed sequence of gradients.
#include "../solvers/counting_malloc.hpp"
#include "ermine_catch.hpp"

#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/sam.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/box.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/finite_sum.hpp>
#include <ermine/objectives/quadratic.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/quasi_newton_methods.hpp>
#include <ermine/solvers/stochastic_methods.hpp>
#include <ermine/steps/constant.hpp>
#include <ermine/steps/warmup.hpp>
#include <ermine/tails/average.hpp>
#include <ermine/tails/exponential_average.hpp>
#include <ermine/tails/lookahead.hpp>
#include <ermine/tails/schedule_free.hpp>
#include <ermine/tails/stochastic_weight_average.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <tuple>
#include <vector>

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::Vector2d;
using Eigen::VectorXd;
using Eigen::VectorXf;

namespace {

constexpr int steps = 200;
constexpr Index numbers = 23;

/// The k-th gradient that is asked for is the k-th of a fixed sequence, plus x/10, so that it
/// matters where it is asked for.
struct Sequence {
    std::vector<VectorXd> terms;
    mutable std::size_t next = 0;

    Sequence() {
        Random random(17);
        const auto round = [](double z) { return double{static_cast<float>(z)}; };
        for (int k = 0; k < 2 * steps + 2; ++k) {
            VectorXd term(numbers);
            for (double& z : term) z = round(random.normal());
            term[3] *= 30;  // not all alike
            terms.push_back(term);
        }
    }

    template <class V>
    double value(const V&) const {
        return 0;
    }

    template <class V>
    double value_and_gradient(const V& x, V& g) const {
        using Scalar = typename V::Scalar;
        g = terms.at(next++).cast<Scalar>() + x / Scalar{10};
        return 0;
    }
};

VectorXd start() {
    VectorXd x(numbers);
    for (Index i = 0; i < numbers; ++i) x[i] = static_cast<double>(i % 7 - 3) / 4;
    return x;
}

/// What an independent program answers after each step, given a way to ask for gradients.
using Answers = std::vector<VectorXd>;
using Gradient = std::function<VectorXd(const VectorXd&)>;
using Reference = std::function<Answers(const VectorXd&, const Gradient&)>;

/// The largest |θ − reference| / max(1, |reference|) over all steps. Halfway the run goes on from a
/// copy of its state, and the other one must come to the same bytes.
template <class V>
double distance(const auto& method, const Answers& answers) {
    const Sequence f;
    const V x0 = start().cast<typename V::Scalar>();
    auto state = method.start(f, x0);
    auto other = state;
    std::size_t asked = 0;
    double worst = 0;
    for (int k = 0; k < steps; ++k) {
        if (k == steps / 2) {
            other = state;
            asked = f.next;
        }
        REQUIRE(method.advance(f, state) == Outcome::advanced);
        const VectorXd reached = method.point(state).template cast<double>();
        const VectorXd& answer = answers.at(static_cast<std::size_t>(k));
        for (Index i = 0; i < numbers; ++i)
            worst = std::max(worst,
                             std::abs(reached[i] - answer[i]) / std::max(1.0, std::abs(answer[i])));
    }
    f.next = asked;
    for (int k = steps / 2; k < steps; ++k) REQUIRE(method.advance(f, other) == Outcome::advanced);
    CHECK(std::memcmp(method.point(state).data(), method.point(other).data(),
                      static_cast<std::size_t>(numbers) * sizeof(typename V::Scalar)) == 0);
    return worst;
}

/// Holds a method to its reference, in double and in float.
void agrees(const char* name, const auto& method, const Reference& reference) {
    INFO(name);
    const Sequence f;
    const Answers answers = reference(start(), [&](const VectorXd& x) {
        VectorXd g(numbers);
        f.value_and_gradient(x, g);
        return g;
    });
    REQUIRE(answers.size() == steps);
    CHECK(distance<VectorXd>(method, answers) <= 1e-12);
    CHECK(distance<VectorXf>(method, answers) <= 2e-5);
}

/// Gradient descent, and what `tail` makes of its points: given all of them, from x0 on.
Reference descent(double step, const std::function<VectorXd(const Answers&)>& tail) {
    return [=](const VectorXd& x0, const Gradient& gradient) {
        Answers points{x0};
        Answers answers;
        for (int k = 0; k < steps; ++k) {
            points.push_back(points.back() - step * gradient(points.back()));
            answers.push_back(tail(points));
        }
        return answers;
    };
}

}  // namespace

TEST_CASE("averages are the sums that they are named after") {
    const double step = 0.05;
    const auto gd = FullGradient{} | Constant{step};
    agrees("Average", gd | Average{.skip = 10}, descent(step, [](const Answers& points) {
               const std::size_t from = std::min(points.size() - 1, std::size_t{11});
               VectorXd sum = VectorXd::Zero(numbers);
               for (std::size_t k = from; k < points.size(); ++k) sum += points[k];
               return VectorXd(sum / static_cast<double>(points.size() - from));
           }));
    agrees("ExponentialAverage", gd | ExponentialAverage{.decay = 0.95},
           descent(step, [](const Answers& points) {
               VectorXd m = VectorXd::Zero(numbers);
               for (std::size_t k = 1; k < points.size(); ++k) m = 0.95 * m + 0.05 * points[k];
               return VectorXd(m / (1 - std::pow(0.95, static_cast<double>(points.size() - 1))));
           }));
    agrees("StochasticWeightAverage", gd | StochasticWeightAverage{.from = 20, .every = 7},
           descent(step, [](const Answers& points) {
               if (points.size() <= 21) return points.back();
               VectorXd mean = points[20];
               double models = 1;
               for (std::size_t k = 27; k < points.size(); k += 7, ++models)
                   mean = (mean * models + points[k]) / (models + 1);
               return mean;
           }));
}

TEST_CASE("an average of the epochs' ends counts in epochs of minibatches") {
    // f_i = (x − i)²/2 over i = 0 … 9: with one number and batches of 5 an epoch is two steps
    const auto f = finite_sum(10, [](Index i, const VectorXd& x, VectorXd& g) {
        g[0] = x[0] - static_cast<double>(i);
        return g[0] * g[0] / 2;
    });
    const auto plain = Minibatch{.size = 5} | Constant{.size = 0.3};
    std::vector<double> points;
    const VectorXd x0 = VectorXd::Constant(1, 20);
    const auto result = minimize(f, x0, plain, MaxEpochs{8}, [&](const auto& progress) {
        points.push_back(progress.point()[0]);
    });
    REQUIRE(points.size() == 17);
    REQUIRE(result.x[0] == points[16]);
    const auto averaged = [&](const StochasticWeightAverage& tail) {
        return minimize(f, x0, plain | tail, MaxEpochs{8}).x[0];
    };
    CHECK(averaged({.from = 3, .every = 2}) ==
          Approx((points[6] + points[10] + points[14]) / 3).epsilon(1e-14));
    CHECK(averaged({.from = 7.5, .every = 0.5}) ==
          Approx((points[15] + points[16]) / 2).epsilon(1e-14));
    CHECK(averaged({.from = 0, .every = 3}) ==
          Approx((points[1] + points[6] + points[12]) / 3).epsilon(1e-14));
    CHECK(averaged({.from = 8}) == points[16]);
    CHECK(averaged({.from = 9}) == points[16]);
}

TEST_CASE("Lookahead and ScheduleFree follow their papers") {
    agrees("Lookahead", FullGradient{} | Momentum{} | Constant{0.01} | Lookahead{},
           [](const VectorXd& x0, const Gradient& gradient) {
               VectorXd slow = x0;
               VectorXd velocity = VectorXd::Zero(numbers);
               Answers answers;
               for (int outer = 0; outer < steps / 5; ++outer) {
                   VectorXd fast = slow;
                   for (int inner = 0; inner < 5; ++inner) {
                       velocity = 0.9 * velocity + gradient(fast);
                       fast -= 0.01 * velocity;
                       if (inner < 4) answers.push_back(slow);
                   }
                   slow += 0.5 * (fast - slow);
                   answers.push_back(slow);
               }
               return answers;
           });
    agrees("ScheduleFree",
           FullGradient{} | Warmup{.iterations = 20} | Constant{0.1} | ScheduleFree{},
           [](const VectorXd& x0, const Gradient& gradient) {
               VectorXd x = x0;
               VectorXd z = x0;
               double squares = 0;
               Answers answers;
               for (int t = 1; t <= steps; ++t) {
                   const double rate = 0.1 * std::min(1.0, t / 20.0);
                   squares += rate * rate;
                   const double c = rate * rate / squares;
                   const VectorXd y = 0.1 * z + 0.9 * x;
                   z -= rate * gradient(y);
                   x = (1 - c) * x + c * z;
                   answers.push_back(x);
               }
               return answers;
           });
    // with β = 0 and a constant step it is the average of the iterates
    const VectorXd x0 = start();
    const MatrixXd curvature = VectorXd::LinSpaced(numbers, 0.1, 1).asDiagonal();
    const auto f = Quadratic{curvature, VectorXd::Ones(numbers)};
    const auto averaged =
        minimize(f, x0, FullGradient{} | Constant{0.5} | Average{}, MaxIterations{50});
    const auto free =
        minimize(f, x0, FullGradient{} | Constant{0.5} | ScheduleFree{0}, MaxIterations{50});
    CHECK((averaged.x - free.x).norm() <= 1e-13 * averaged.x.norm());
    // moved points are evaluated where they are, and no point twice
    const auto direct = minimize(Rosenbrock{}, Vector2d(-1.2, 1), lbfgs(), MaxIterations{4});
    const auto half = minimize(Rosenbrock{}, Vector2d(-1.2, 1), lbfgs() | Lookahead{.every = 4},
                               MaxIterations{4});
    CHECK((half.x - (Vector2d(-1.2, 1) + direct.x) / 2).norm() <= 1e-14);
    CHECK(half.counts.gradients == direct.counts.gradients + 1);
}

TEST_CASE("Sam takes the gradient at the edge of its ball, of the same examples") {
    const double radius = 0.05;
    const auto method = FullGradient{} | Sam{radius} | Momentum{} | Constant{0.01};
    agrees("Sam", method, [&](const VectorXd& x0, const Gradient& gradient) {
        VectorXd x = x0;
        VectorXd velocity = VectorXd::Zero(numbers);
        Answers answers;
        for (int k = 0; k < steps; ++k) {
            const VectorXd g = gradient(x);
            velocity = 0.9 * velocity + gradient(x + radius / g.norm() * g);
            x -= 0.01 * velocity;
            answers.push_back(x);
        }
        return answers;
    });

    // by hand: f = (x² + 4y²)/2 at (3, 1) has gradient (3, 4) of length 5
    const Eigen::Matrix2d curvature = Vector2d(1, 4).asDiagonal();
    const auto f = Quadratic{curvature, Vector2d(0, 0)};
    const auto one = minimize(
        f, Vector2d(3, 1), FullGradient{} | Sam{.radius = 0.5} | Constant{0.1}, MaxIterations{1});
    // at (3.3, 1.4) it is (3.3, 5.6)
    CHECK((one.x - Vector2d(2.67, 0.44)).norm() <= 1e-14);
    CHECK(one.value == Approx((2.67 * 2.67 + 4 * 0.44 * 0.44) / 2));
    CHECK(one.gradient_norm == Approx(2.67));
    CHECK(one.counts.gradients == 3);  // at the start, at the edge, at the answer
    CHECK(one.epochs == 2);
    // at a minimum there is no direction to look in
    CHECK(minimize(f, Vector2d(0, 0), FullGradient{} | Sam{} | Constant{1}, MaxIterations{3}).x ==
          Vector2d(0, 0));

    // each batch is asked for twice, and both count
    std::vector<Index> seen;
    const auto sum = finite_sum(12, [&](Index i, const Vector2d& x, Vector2d& g) {
        seen.push_back(i);
        g = x - Vector2d::Constant(static_cast<double>(i));
        return g.squaredNorm() / 2;
    });
    auto state = (Minibatch{.size = 4} | Sam{} | Constant{0.1}).start(sum, Vector2d(1, 2));
    REQUIRE((Minibatch{.size = 4} | Sam{} | Constant{0.1}).advance(sum, state) ==
            Outcome::advanced);
    REQUIRE(seen.size() == 8);
    CHECK(std::equal(seen.begin(), seen.begin() + 4, seen.begin() + 4));
    const auto trained = minimize(sum, Vector2d(1, 2), Minibatch{.size = 4} | Sam{} | Constant{0.1},
                                  MaxIterations{6});
    CHECK(trained.counts.gradients == 12);
    CHECK(trained.counts.examples == 48);
    CHECK(trained.epochs == Approx(4));

    // in a box, too; and behind it whatever turns gradients
    const auto boxed = minimize(f + Box{0.5, 2}, Vector2d(3, 1),
                                FullGradient{} | Sam{} | Constant{0.1}, MaxIterations{200});
    CHECK((boxed.x - Vector2d(0.5, 0.5)).norm() <= 1e-14);
}

TEST_CASE("what makes no sense of a tail or a probe is refused by its name") {
    const Vector2d x(1, 2);
    const Rosenbrock f;
    const auto begin = [&](const auto& part) { return part.start(f, x); };
    for (const double bad : {0.0, -1.0, std::nan(""), HUGE_VAL})
        CHECK_THROWS_WITH(begin(Sam{.radius = bad}), contains("Sam.radius is "));
    CHECK_THROWS_WITH(begin(Lookahead{.every = 0}), contains("Lookahead.every is 0"));
    for (const double bad : {0.0, 1.5, -0.1, std::nan("")})
        CHECK_THROWS_WITH(begin(Lookahead{.rate = bad}), contains("Lookahead.rate is "));
    for (const double bad : {-0.1, 1.1, std::nan("")})
        CHECK_THROWS_WITH(begin(ScheduleFree{bad}), contains("ScheduleFree.interpolation is "));
    for (const double bad : {-0.1, 1.0, std::nan("")})
        CHECK_THROWS_WITH(begin(ExponentialAverage{bad}), contains("ExponentialAverage.decay is "));
    CHECK_THROWS_WITH(begin(StochasticWeightAverage{.from = -1}),
                      contains("StochasticWeightAverage.from is -1"));
    for (const double bad : {0.0, -1.0, HUGE_VAL})
        CHECK_THROWS_WITH(begin(StochasticWeightAverage{.every = bad}),
                          contains("StochasticWeightAverage.every is "));
    // a gradient whose norm overflows ends the run, and does not pass for plain descent
    const auto steep = Quadratic{Eigen::Matrix2d(Vector2d(1e200, 1).asDiagonal()), Vector2d(0, 0)};
    const auto result =
        minimize(steep, x, FullGradient{} | Sam{} | Constant{1e-200}, MaxIterations{5});
    CHECK(result.status == Status::non_finite);
    CHECK(result.x == x);
}

TEST_CASE("tails, the probe and the parts by block allocate nothing after the first step") {
    const auto silent = [](const auto& method) {
        const Sequence f;
        auto state = method.start(f, VectorXd(start()));
        REQUIRE(method.advance(f, state) == Outcome::advanced);
        const long before = small_allocations + large_allocations;
        for (int k = 0; k < 30; ++k) REQUIRE(method.advance(f, state) == Outcome::advanced);
        return small_allocations + large_allocations == before;
    };
    const auto gd = FullGradient{} | Constant{0.05};
    CHECK(silent(gd | ExponentialAverage{}));
    CHECK(silent(gd | StochasticWeightAverage{.from = 3, .every = 4}));
    CHECK(silent(FullGradient{} | Momentum{} | Constant{0.01} | Lookahead{}));
    CHECK(silent(FullGradient{} | Warmup{.iterations = 20} | Constant{0.1} | ScheduleFree{}));
    CHECK(silent(FullGradient{} | Sam{} | Momentum{} | Constant{0.01}));
}
