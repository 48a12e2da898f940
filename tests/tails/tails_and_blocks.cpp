// SPDX-License-Identifier: MIT
// Tails, the probe, and the directions that know blocks of parameters, each against its paper's
// recursion written out, on a fixed sequence of gradients.
#include "ermine_catch.hpp"

#include <ermine/directions/adaptive_clip.hpp>
#include <ermine/directions/clip_by_block_norm.hpp>
#include <ermine/directions/freeze.hpp>
#include <ermine/directions/in_blocks.hpp>
#include <ermine/directions/lamb.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/directions/muon.hpp>
#include <ermine/directions/scale_blocks.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/estimators/sam.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/numerics/newton_schulz.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/box.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/finite_sum.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/quadratic.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/backtracking.hpp>
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

// after Eigen's, which declare malloc
#include "../solvers/counting_malloc.hpp"

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

    /// A wide matrix, a tall one, and a vector.
    static std::vector<ParameterBlock> blocks() {
        return {{"inner", 0, 3, 4}, {"outer", 12, 4, 2}, {"bias", 20, 1, 3}};
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

/// Steps of a fixed length along `direction(k, x, g)` with k = 1, 2, …
Reference steps_along(double step,
                      std::function<VectorXd(int, const VectorXd&, const VectorXd&)> direction) {
    return [=](const VectorXd& x0, const Gradient& gradient) {
        VectorXd x = x0;
        Answers answers;
        for (int k = 1; k <= steps; ++k) {
            x -= step * direction(k, x, gradient(x));
            answers.push_back(x);
        }
        return answers;
    };
}

MatrixXd drawn(Index rows, Index columns, Random& random) {
    MatrixXd m(rows, columns);
    for (double& z : m.reshaped()) z = random.normal();
    return m;
}

/// Matrices as lists of rows, so that nothing of Eigen's products is tested by itself.
using Rows = std::vector<std::vector<double>>;

Rows times(const Rows& a, const Rows& b) {
    Rows c(a.size(), std::vector<double>(b[0].size(), 0.0));
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t j = 0; j < b[0].size(); ++j)
            for (std::size_t k = 0; k < b.size(); ++k) c[i][j] += a[i][k] * b[k][j];
    return c;
}

Rows transposed(const Rows& a) {
    Rows t(a[0].size(), std::vector<double>(a.size()));
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t j = 0; j < a[0].size(); ++j) t[j][i] = a[i][j];
    return t;
}

/// Five iterations X ← a X + (b A + c A A) X with A = X Xᵀ as published, whatever the shape.
Rows five_iterations(Rows x) {
    double squares = 0;
    for (const auto& row : x)
        for (const double z : row) squares += z * z;
    for (auto& row : x)
        for (double& z : row) z /= std::sqrt(squares) + 1e-7;
    for (int k = 0; k < 5; ++k) {
        const Rows a = times(x, transposed(x));
        const Rows first = times(a, x);
        const Rows second = times(a, first);
        for (std::size_t i = 0; i < x.size(); ++i)
            for (std::size_t j = 0; j < x[0].size(); ++j)
                x[i][j] = 3.4445 * x[i][j] - 4.7750 * first[i][j] + 2.0315 * second[i][j];
    }
    return x;
}

double norm(const VectorXd& x, Index offset, Index size) {
    return std::sqrt(x.segment(offset, size).squaredNorm());
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
    agrees("ScheduleFree",
           FullGradient{} | Warmup{.iterations = 1} | Constant{0.1} | ScheduleFree{0},
           descent(0.1, [](const Answers& points) {
               VectorXd sum = VectorXd::Zero(numbers);
               for (std::size_t k = 1; k < points.size(); ++k) sum += points[k];
               return VectorXd(sum / static_cast<double>(points.size() - 1));
           }));
    // where a line search hands on its evaluation, one more is made where the point was moved
    const Vector2d x0(-1.2, 1);
    const auto searching = FullGradient{} | Backtracking{};
    const auto direct = minimize(Rosenbrock{}, x0, searching, MaxIterations{7});
    const auto half =
        minimize(Rosenbrock{}, x0, searching | Lookahead{.every = 4}, MaxIterations{4});
    const auto four = minimize(Rosenbrock{}, x0, searching, MaxIterations{4});
    CHECK((half.x - (x0 + four.x) / 2).norm() <= 1e-15);
    CHECK(half.counts.gradients == four.counts.gradients + 1);
    const auto unmoved =
        minimize(Rosenbrock{}, x0, searching | Lookahead{.every = 8}, MaxIterations{7});
    CHECK(unmoved.x == x0);
    CHECK(unmoved.counts.gradients == direct.counts.gradients);
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

TEST_CASE("LAMB and Muon follow their papers block by block") {
    const auto adam = [](double beta1, VectorXd& m, VectorXd& v, int t, const VectorXd& g) {
        VectorXd r(numbers);
        for (Index i = 0; i < numbers; ++i) {
            m[i] = beta1 * m[i] + (1 - beta1) * g[i];
            v[i] = 0.999 * v[i] + 0.001 * g[i] * g[i];
            r[i] = m[i] / (1 - std::pow(beta1, t)) /
                   (std::sqrt(v[i] / (1 - std::pow(0.999, t))) + 1e-6);
        }
        return r;
    };
    VectorXd m = VectorXd::Zero(numbers);
    VectorXd v = VectorXd::Zero(numbers);
    agrees("LAMB", FullGradient{} | LAMB{.weight_decay = 0.1} | Constant{0.01},
           steps_along(0.01, [=](int t, const VectorXd& x, const VectorXd& g) mutable {
               VectorXd r = adam(0.9, m, v, t, g) + 0.1 * x;
               for (const auto& b : Sequence::blocks()) {
                   const Index size = b.rows * b.columns;
                   r.segment(b.offset, size) *= norm(x, b.offset, size) / norm(r, b.offset, size);
               }
               return r;
           }));
    // the bias left out moves as Adam has it, and has no decay
    agrees("LAMB of two blocks",
           FullGradient{} |
               LAMB{.beta1 = 0.8, .weight_decay = 0.1, .blocks = {{"inner"}, {"outer"}}} |
               Constant{0.01},
           steps_along(0.01, [=](int t, const VectorXd& x, const VectorXd& g) mutable {
               VectorXd r = adam(0.8, m, v, t, g);
               r.head(20) += 0.1 * x.head(20);
               r.head(12) *= norm(x, 0, 12) / norm(r, 0, 12);
               r.segment(12, 8) *= norm(x, 12, 8) / norm(r, 12, 8);
               return r;
           }));
    // from a block of zeros a step is Adam's
    const Quadratic bowl{Eigen::Matrix2d(Eigen::Matrix2d::Identity()), Vector2d(3, -7)};
    const auto first = minimize(bowl, Vector2d(0, 0),
                                FullGradient{} | LAMB{.blocks = {{"all", 0, 2}}} | Constant{0.01},
                                MaxIterations{1});
    CHECK((first.x.cwiseAbs() - Vector2d(0.01, 0.01)).norm() <= 1e-8);

    const auto muon = [](bool nesterov) {
        VectorXd velocity = VectorXd::Zero(numbers);
        return steps_along(0.02, [=](int, const VectorXd&, const VectorXd& g) mutable {
            velocity = 0.95 * velocity + g;
            VectorXd d = g;  // what Muon leaves to others
            for (const auto& b : Sequence::blocks()) {
                if (b.name == "bias") continue;
                Rows rows(static_cast<std::size_t>(b.rows));
                Index k = b.offset;
                for (auto& row : rows)
                    for (Index j = 0; j < b.columns; ++j, ++k)
                        row.push_back(nesterov ? g[k] + 0.95 * velocity[k] : velocity[k]);
                k = b.offset;
                for (const auto& row : five_iterations(rows))
                    for (const double z : row) d[k++] = z;
            }
            return d;
        });
    };
    agrees("Muon", FullGradient{} | Muon{} | Constant{0.02}, muon(true));
    agrees("Muon without nesterov", FullGradient{} | Muon{.nesterov = false} | Constant{0.02},
           muon(false));
}

TEST_CASE("Newton-Schulz maps singular values by its quintic") {
    const auto lifted = [](double s) {
        for (int k = 0; k < 5; ++k) s = 3.4445 * s - 4.7750 * s * s * s + 2.0315 * std::pow(s, 5);
        return s;
    };
    using Matrix = NewtonSchulz<double>::Matrix;
    for (const auto& [rows, columns] : {std::pair<Index, Index>{5, 40}, {40, 5}, {6, 6}}) {
        // reflections on both sides of a diagonal: the singular values are known
        Random random(3);
        const auto reflection = [&](Index n) {
            const VectorXd u = drawn(n, 1, random).normalized();
            return MatrixXd(MatrixXd::Identity(n, n) - 2 * u * u.transpose());
        };
        const MatrixXd left = reflection(rows);
        const MatrixXd right = reflection(columns);
        const Index fewer = std::min(rows, columns);
        VectorXd values = VectorXd::LinSpaced(fewer, 0.1, 3);
        MatrixXd diagonal = MatrixXd::Zero(rows, columns);
        diagonal.diagonal() = values;
        Matrix m = left * diagonal * right;
        NewtonSchulz<double>(rows * columns, fewer).orthogonalize(m);
        values /= values.norm() + 1e-7;
        for (double& s : values) s = lifted(s);
        CHECK(values.minCoeff() >= 0.68);
        CHECK(values.maxCoeff() <= 1.14);
        diagonal.diagonal() = values;
        CHECK((m - left * diagonal * right).norm() <= 1e-11);
    }
    Matrix zero = Matrix::Zero(3, 4);
    NewtonSchulz<double>(12, 3).orthogonalize(zero);
    CHECK(zero.isZero(0));
}

TEST_CASE("clipping by block and by unit follows its papers") {
    agrees("ClipByBlockNorm", FullGradient{} | ClipByBlockNorm{.norm = 3} | Constant{0.01},
           steps_along(0.01, [](int, const VectorXd&, const VectorXd& g) {
               VectorXd d = g;
               for (const auto& b : Sequence::blocks()) {
                   const Index size = b.rows * b.columns;
                   d.segment(b.offset, size) *= std::min(1.0, 3 / norm(g, b.offset, size));
               }
               return d;
           }));
    // a unit is a column of a matrix, or the whole bias
    const auto units = [](bool all) {
        return steps_along(0.5, [=](int, const VectorXd& x, const VectorXd& g) {
            VectorXd d = g;
            for (const auto& b : Sequence::blocks()) {
                if (!all && b.name != "outer") continue;
                const Index columns = b.rows == 1 ? 1 : b.columns;
                for (Index j = 0; j < columns; ++j) {
                    double weights = 0;
                    double slopes = 0;
                    for (Index k = j; k < b.rows * b.columns; k += columns) {
                        weights += x[b.offset + k] * x[b.offset + k];
                        slopes += g[b.offset + k] * g[b.offset + k];
                    }
                    const double longest = 0.02 * std::max(std::sqrt(weights), 1e-3);
                    for (Index k = j; k < b.rows * b.columns; k += columns)
                        if (std::sqrt(slopes) > longest)
                            d[b.offset + k] *= longest / std::sqrt(slopes);
                }
            }
            return d;
        });
    };
    agrees("AdaptiveClip", FullGradient{} | AdaptiveClip{.ratio = 0.02} | Constant{0.5},
           units(true));
    agrees("AdaptiveClip of one block",
           FullGradient{} | AdaptiveClip{.ratio = 0.02, .blocks = {{"outer"}}} | Constant{0.5},
           units(false));
}

TEST_CASE("parts work in the blocks that they are told, and in no others") {
    VectorXd velocity = VectorXd::Zero(numbers);
    agrees("momentum and other rates by block",
           FullGradient{} | in_blocks(Momentum{}, {{"outer"}, {"first three", 0, 3}}) |
               ScaleBlocks{{{{"bias"}, 0.25}, {{"outer"}, 3}}} | Freeze{{{"two", 1, 2}}} |
               Constant{0.01},
           steps_along(0.01, [=](int, const VectorXd&, const VectorXd& g) mutable {
               velocity = 0.9 * velocity + g;
               VectorXd d = g;
               d.head(3) = velocity.head(3);
               d.segment(12, 8) = 3 * velocity.segment(12, 8);
               d.tail(3) *= 0.25;
               d.segment(1, 2).setZero();
               return d;
           }));

    // blocks across the stretches of 1024 in which directions are worked on, and on small vectors
    const Index n = 5000;
    const auto slope = finite_sum(1, [](Index, const VectorXd& x, VectorXd& g) {
        g.setOnes();
        return x.sum();
    });
    const auto moved = minimize(
        slope, VectorXd(VectorXd::Zero(n)),
        FullGradient{} | in_blocks(Momentum{.decay = 0.5}, {{"b", 4000, 1000}, {"a", 1000, 1500}}) |
            ScaleBlocks{{{{"c", 2047, 2}, 4}}} | Freeze{{{"ends", 0, 1}, {"ends", 4999, 1}}} |
            Constant{1},
        MaxIterations{2});
    VectorXd expected = VectorXd::Constant(n, -2);   // 1 and 1
    expected.segment(1000, 1500).setConstant(-2.5);  // 1 and 1.5
    expected.tail(1000).setConstant(-2.5);
    expected.segment(2047, 2) *= 4;
    expected[0] = expected[n - 1] = 0;
    CHECK(moved.x == expected);
    const Eigen::Vector4d x0(1, 2, 3, 4);
    const Eigen::Matrix4d identity = Eigen::Matrix4d::Identity();
    const auto small =
        minimize(Quadratic{identity, Eigen::Vector4d(Eigen::Vector4d::Zero())}, x0,
                 FullGradient{} | Freeze{{{"middle", 1, 2}}} | Constant{0.5}, MaxIterations{3});
    CHECK(small.x == Eigen::Vector4d(0.125, 2, 3, 0.5));

    // a risk names its blocks, through penalties, batches and counting
    Random random(5);
    const MatrixXd inputs = drawn(60, 4, random);
    VectorXd classes(60);
    for (Index i = 0; i < 60; ++i) classes[i] = static_cast<double>(i % 3);
    const auto risk =
        EmpiricalRisk{LinearMulticlass{4, 3}, SoftmaxCrossEntropy{}, Dataset{inputs, classes}} +
        L2{0.01};
    const VectorXd theta = VectorXd::LinSpaced(15, -1, 1);
    const auto trained = minimize(
        risk, theta,
        Minibatch{.size = 10} | Muon{} | in_blocks(Momentum{}, {{"intercept"}}) | Constant{0.01},
        MaxEpochs{3});
    CHECK(trained.value < risk.value(theta));
    const auto frozen = [&](const char* name) {
        return minimize(risk, theta,
                        Minibatch{.size = 10} | Freeze{.blocks = {{name}}} | Constant{0.1},
                        MaxEpochs{3});
    };
    CHECK(frozen("weights").x.head(12) == theta.head(12));
    CHECK((frozen("weights").x.tail(3) - theta.tail(3)).norm() > 1e-3);
    CHECK_THROWS_WITH(frozen("wights"),
                      contains("Freeze.blocks names \"wights\", the blocks of the objective are: "
                               "weights, intercept"));
}

TEST_CASE("blocks that make no sense are refused by the option's name") {
    const VectorXd x = start();
    const Sequence f;
    const Rosenbrock plain;
    const auto begin = [&](const auto& part) { return part.start(f, x); };
    const auto begin_plain = [&](const auto& part) { return part.start(plain, x); };
    CHECK_THROWS_WITH(begin_plain(Muon{}), contains("Muon.blocks is empty, and the objective has "
                                                    "no blocks(): list them"));
    CHECK_THROWS_WITH(begin_plain(LAMB{.blocks = {{"inner"}}}),
                      contains("LAMB.blocks names \"inner\", and the objective has no blocks(): "
                               "give offset, rows and columns"));
    CHECK_THROWS_WITH(begin(Freeze{}), contains("Freeze.blocks is empty"));
    CHECK_THROWS_WITH(begin(ScaleBlocks{}), contains("ScaleBlocks.factors is empty"));
    const Index huge = Index{1} << 62;
    for (const ParameterBlock& bad :
         {ParameterBlock{"bad", -1, 2}, ParameterBlock{"bad", 20, 2, 2},
          ParameterBlock{"bad", 24, 1}, ParameterBlock{"bad", 0, -2},
          ParameterBlock{"bad", 0, 2, -2}, ParameterBlock{"bad", 0, huge, 4},
          ParameterBlock{"bad", huge, 1}}) {
        CHECK_THROWS_WITH(begin(AdaptiveClip{.blocks = {bad}}),
                          contains("AdaptiveClip.blocks holds \"bad\""));
        CHECK_THROWS_WITH(begin(AdaptiveClip{.blocks = {bad}}), contains("there are 23"));
    }
    CHECK_THROWS_WITH(begin(ClipByBlockNorm{.blocks = {{"outer"}, {"mine", 10, 3}}}),
                      contains("ClipByBlockNorm.blocks holds two blocks with number 12 in both"));
    CHECK_THROWS_WITH(begin(in_blocks(Momentum{}, {{"nowhere"}})),
                      contains("in_blocks names \"nowhere\""));
    CHECK_THROWS_WITH(begin(in_blocks(Momentum{1.5}, {{"bias"}})), contains("Momentum.decay"));
    CHECK_THROWS_WITH(begin(in_blocks(Momentum{}, {})), contains("in_blocks is empty"));
    CHECK_THROWS_WITH(begin(Muon{.blocks = {{"bias"}}}),
                      contains("Muon.blocks is without a matrix"));
    for (const double bad : {-0.1, 1.0, std::nan("")}) {
        CHECK_THROWS_WITH(begin(Muon{.decay = bad}), contains("Muon.decay is "));
        CHECK_THROWS_WITH(begin(LAMB{.beta1 = bad}), contains("LAMB.beta1 is "));
        CHECK_THROWS_WITH(begin(LAMB{.beta2 = bad}), contains("LAMB.beta2 is "));
    }
    CHECK_THROWS_WITH(begin(Muon{.iterations = 0}), contains("Muon.iterations is 0"));
    CHECK_THROWS_WITH(begin(LAMB{.epsilon = 0}), contains("LAMB.epsilon is 0"));
    CHECK_THROWS_WITH(begin(LAMB{.weight_decay = -1}), contains("LAMB.weight_decay is -1"));
    CHECK_THROWS_WITH(begin(ScaleBlocks{{{{"bias"}, -1}}}), contains("ScaleBlocks.factors"));
    for (const double bad : {0.0, -1.0, HUGE_VAL}) {
        CHECK_THROWS_WITH(begin(ClipByBlockNorm{bad}), contains("ClipByBlockNorm.norm is "));
        CHECK_THROWS_WITH(begin(AdaptiveClip{.ratio = bad}), contains("AdaptiveClip.ratio is "));
        CHECK_THROWS_WITH(begin(AdaptiveClip{.least = bad}), contains("AdaptiveClip.least is "));
    }
    // what overflows comes out as NaN, which ends the run, and does not pass for a small direction
    const auto poisoned = [&](const auto& part) {
        VectorXd d = VectorXd::Constant(numbers, 1e200);
        auto state = part.start(f, x);
        part.direct(f, x, d, state);
        return std::isnan(d.sum());
    };
    CHECK(poisoned(ClipByBlockNorm{}));
    CHECK(poisoned(AdaptiveClip{}));
    CHECK(poisoned(LAMB{}));
    CHECK(poisoned(Muon{}));
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
    CHECK(silent(FullGradient{} | AdaptiveClip{} | LAMB{} | Freeze{{{"bias"}}} | Constant{0.01}));
    CHECK(silent(FullGradient{} | ClipByBlockNorm{} | Muon{} | in_blocks(Momentum{}, {{"bias"}}) |
                 ScaleBlocks{{{{"bias"}, 2}}} | Constant{0.01}));
}
