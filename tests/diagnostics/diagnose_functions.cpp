// SPDX-License-Identifier: MIT
// Difficulties injected into functions and linear models, and healthy runs of them: see
// diagnose.cpp.
#include <Eigen/Core>
#include <Eigen/QR>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <ermine/data/sequential.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/diagnostics/diagnose.hpp>
#include <ermine/directions/adam.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/noisy.hpp>
#include <ermine/objectives/objective.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/newton_methods.hpp>
#include <ermine/solvers/quasi_newton_methods.hpp>
#include <ermine/steps/constant.hpp>
#include <ermine/steps/cosine.hpp>
#include <ermine/steps/inverse_time.hpp>

#include "trials.hpp"

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// A function of one type, whatever it computes: one loop is compiled for all of them.
struct Plain {
    std::function<double(const VectorXd&, VectorXd&)> f;

    double value(const VectorXd& x) const {
        VectorXd g(x.size());
        return f(x, g);
    }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const { return f(x, g); }
};

MatrixXd rotation(Index n, std::uint64_t seed) {
    Random random{seed};
    MatrixXd noise(n, n);
    for (double& z : noise.reshaped()) z = random.normal();
    return Eigen::HouseholderQR<MatrixXd>(noise).householderQ();
}

/// f(Q x) for a g(y) that fills the gradient by y.
Plain turned(MatrixXd q, std::function<double(const VectorXd&, VectorXd&)> g) {
    return {[q = std::move(q), g = std::move(g)](const VectorXd& x, VectorXd& slope) {
        VectorXd by(x.size());
        const double value = g(q * x, by);
        slope = q.transpose() * by;
        return value;
    }};
}

Found descended(const Plain& f, const VectorXd& x0, double step, int iterations) {
    return watched(f, x0, FullGradient{} | Constant{step}, MaxIterations{iterations});
}

// Two of eight eigenvalues are negative; the start is so far off the manifold that leads to the
// saddle point.
Found near_saddle(double off, std::uint64_t seed) {
    Random random{seed};
    const MatrixXd q = rotation(8, seed);
    VectorXd curvature(8);
    for (Index i = 0; i < 8; ++i)
        curvature[i] = i < 2 ? -1.0 + 0.3 * random.uniform() : 1 + random.uniform();
    VectorXd y(8);
    for (Index i = 0; i < 8; ++i) y[i] = (i < 2 ? off : 1) * random.normal();
    return descended(turned(q,
                            [curvature](const VectorXd& at, VectorXd& g) {
                                g = curvature.cwiseProduct(at);
                                const double value = 0.5 * at.dot(g);
                                double quartic = 0;
                                for (Index i = 0; i < 2; ++i) {
                                    quartic += std::pow(at[i], 4) / 4;
                                    g[i] += std::pow(at[i], 3);
                                }
                                return value + quartic;
                            }),
                     q.transpose() * y, 0.2, 60);
}

// A valley floor that leads gently to a wall: where a step ends on it, the slope is up to so many
// times that of the floor.
Found at_cliff(double height, std::uint64_t seed) {
    Random random{seed};
    const MatrixXd q = rotation(4, seed);
    const double width = 0.03 / std::log(height);
    VectorXd y = VectorXd::Constant(4, 0.1);
    y[0] = 1 + random.uniform();
    return descended(turned(q,
                            [width](const VectorXd& at, VectorXd& g) {
                                const double wall = 0.3 * width * std::exp(-at[0] / width);
                                g = at;
                                g[0] = 0.3 - wall / width;
                                return 0.5 * at.tail(3).squaredNorm() + 0.3 * at[0] + wall;
                            }),
                     q.transpose() * y, 0.1, 600);
}

// Slope 1, then a shelf of slope `slope` one long, then a bowl.
Found over_shelf(double slope, std::uint64_t seed) {
    Random random{seed};
    const MatrixXd q = rotation(4, seed);
    VectorXd y(4);
    for (double& z : y) z = random.normal();
    y[0] = 3.5 + random.uniform();
    const auto value = [slope](double t) {
        // ∫ of the slope that the gradient has
        const double bowl = t < 1 ? 0.5 * t * t : 0.5;
        const double shelf = t < 1 ? 0 : slope * (std::min(t, 2.0) - 1);
        return bowl + shelf + (t > 2 ? t - 2 : 0);
    };
    const auto derivative = [slope](double t) { return t < 1 ? t : t < 2 ? slope : 1.0; };
    return descended(turned(q,
                            [value, derivative](const VectorXd& at, VectorXd& g) {
                                g = at;
                                g[0] = derivative(at[0]);
                                return 0.5 * at.tail(3).squaredNorm() + value(at[0]);
                            }),
                     q.transpose() * y, 0.05, static_cast<int>(200 + 20 / slope));
}

struct Examples {
    MatrixXd x;
    VectorXd y;
};

/// y = xᵀw + noise, ‖w‖ = 1, x with standard deviations from 1 down to `smallest`.
Examples regression(Index n, Index d, double noise, double smallest, std::uint64_t seed) {
    Random random{seed};
    Examples e{MatrixXd(n, d), VectorXd(n)};
    VectorXd w(d);
    for (double& z : w) z = random.normal();
    w.normalize();
    for (Index i = 0; i < n; ++i) {
        for (Index j = 0; j < d; ++j)
            e.x(i, j) = random.normal() *
                        std::pow(smallest, static_cast<double>(j) / static_cast<double>(d - 1));
        e.y[i] = e.x.row(i).dot(w) + noise * random.normal();
    }
    return e;
}

/// Labels of ±1 with log odds `margin` · xᵀw.
Examples classification(Index n, Index d, double margin, double smallest, std::uint64_t seed) {
    Examples e = regression(n, d, 0, smallest, seed);
    Random random{seed + 1000};
    for (double& y : e.y) y = random.uniform() * (1 + std::exp(-margin * y)) < 1 ? 1 : -1;
    return e;
}

Examples rows(const Examples& e, const std::vector<Index>& which) {
    return {e.x(which, Eigen::all), e.y(which)};
}

auto logistic(const Examples& e, double penalty) {
    return EmpiricalRisk{Linear{e.x.cols()}, LogisticLoss{}, Dataset{e.x, e.y}} + L2{penalty};
}
auto ridge(const Examples& e, double penalty) {
    return EmpiricalRisk{Linear{e.x.cols()}, SquaredLoss{}, Dataset{e.x, e.y}} + L2{penalty};
}

template <class S>
Found sampled(const Examples& e, S sampler) {
    const auto f = logistic(e, 1e-3);
    return watched(f, f.zero(),
                   minibatch(sampler, {.size = 16}) | InverseTime{.initial = 0.3, .decay = 0.5},
                   MaxEpochs{10});
}

/// The first so many examples by label, the others as they come.
Examples sorted(const Examples& e, double share) {
    std::vector<Index> order(static_cast<std::size_t>(e.y.size()));
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<Index>(i);
    const auto count = static_cast<std::ptrdiff_t>(share * static_cast<double>(order.size()));
    std::sort(order.begin(), order.begin() + count,
              [&](Index a, Index b) { return e.y[a] != e.y[b] ? e.y[a] < e.y[b] : a < b; });
    return rows(e, order);
}

Found stochastic(const Examples& e, Index batch, double step, double epochs) {
    const auto f = ridge(e, 1e-3);
    return watched(f, f.zero(),
                   minibatch(ShuffledEachEpoch{.seed = 3}, {.size = batch}) | Constant{step},
                   MaxEpochs{epochs});
}

Found validated(const Examples& train, const Examples& held_out, double penalty) {
    const auto f = logistic(train, penalty);
    const auto held = logistic(held_out, penalty).unpenalized();
    Diagnostics watch(held);
    (void)minimize(f, f.zero(), FullGradient{} | Constant{}, MaxIterations{400}, watch);
    return {diagnose(f, watch), diagnose(watch.record())};
}

Found few_examples(Index n, Index d, double penalty, std::uint64_t seed) {
    const Examples all = classification(n + 1000, d, 2, 1, seed);
    return validated({all.x.topRows(n), all.y.head(n)}, {all.x.bottomRows(1000), all.y.tail(1000)},
                     penalty);
}

}  // namespace

std::vector<Trial> trials_of_functions(std::uint64_t seed) {
    std::vector<Trial> all;
    for (int s = 0; s < 3; ++s) {
        const auto at = static_cast<std::size_t>(s);
        const auto add = [&](Difficulty what, Found found) {
            all.push_back(injected(what, s + 1, seed, std::move(found)));
        };
        const double off[] = {1e-3, 1e-8, 0};
        add(Difficulty::saddle_point, near_saddle(off[at], seed));
        const double height[] = {5, 1e3, 1e5};
        add(Difficulty::cliff, at_cliff(height[at], seed));
        const double slope[] = {0.3, 0.08, 0.02};
        add(Difficulty::plateau, over_shelf(slope[at], seed));
    }
    return all;
}

std::vector<Trial> trials_of_linear_models(std::uint64_t seed) {
    std::vector<Trial> all;
    for (int s = 0; s < 3; ++s) {
        const auto at = static_cast<std::size_t>(s);
        const auto add = [&](Difficulty what, Found found) {
            all.push_back(injected(what, s + 1, seed, std::move(found)));
        };
        const double smallest[] = {0.1, 0.01, 0.001};
        const auto skewed = ridge(regression(300, 10, 0.3, smallest[at], seed), 1e-9);
        add(Difficulty::ill_conditioned,
            watched(skewed, skewed.zero(), FullGradient{} | Constant{}, MaxIterations{200}));
        const double share[] = {0.08, 0.5, 1};
        add(Difficulty::unshuffled,
            sampled(sorted(classification(500, 5, 2, 1, seed), share[at]), Sequential{}));
        const double noise[] = {1, 6, 20};
        add(Difficulty::small_batch,
            stochastic(regression(1000, 10, noise[at], 1, seed), 1, 3e-4, 3));
        const double factor[] = {0.95, 1.3, 2.5};
        const auto f = ridge(regression(200, 10, 0.3, 0.3, seed), 1e-3);
        add(Difficulty::long_step,
            watched(f, f.zero(), FullGradient{} | Constant{factor[at] * 2 / f.smoothness()},
                    MaxIterations{60}));
        const Index examples[] = {300, 60, 40};
        add(Difficulty::overfitting, few_examples(examples[at], 20, 0, seed));
        const double spread[] = {0.3, 1.5, 4};
        add(Difficulty::noisy_gradient,
            stochastic(regression(500, 10, spread[at], 1, seed), 4, 0.1, 20));
        const double level[] = {0.05, 0.5, 1};
        const auto inexact = noisy(ridge(regression(200, 10, 0.3, 0.3, seed), 1e-3),
                                   {.gradient = {.additive = level[at]}, .seed = seed});
        add(Difficulty::noisy_gradient,
            watched(inexact, inexact.zero(), FullGradient{} | Constant{0.3}, MaxIterations{300}));
    }
    const auto healthy = [&](const char* name, Found found) {
        all.push_back(
            {name, std::nullopt, 0, seed, std::move(found.diagnosis), std::move(found.by_record)});
    };
    const Examples two = classification(400, 8, 2, 0.5, seed);
    const Examples line = regression(400, 8, 0.3, 0.3, seed);
    const auto l = logistic(two, 1e-2);
    const auto r = ridge(line, 1e-3);
    const VectorXd zero = l.zero();
    healthy("logistic regression, gradient descent",
            watched(l, zero, FullGradient{} | Constant{}, MaxIterations{100}));
    healthy("logistic regression, L-BFGS", watched(l, zero, lbfgs(), MaxIterations{30}));
    healthy("logistic regression, Newton", watched(l, zero, newton(), MaxIterations{10}));
    healthy("logistic regression, SGD with steps that shrink",
            sampled(two, ShuffledEachEpoch{.seed = seed}));
    healthy("logistic regression, SGD in an order that was drawn once", sampled(two, Sequential{}));
    healthy(
        "logistic regression, momentum",
        watched(l, zero, Minibatch{.size = 32} | Momentum{} | Cosine{.initial = 0.05, .epochs = 20},
                MaxEpochs{20}));
    healthy("logistic regression, Adam",
            watched(l, zero, Minibatch{.size = 32} | Adam{} | Constant{0.01}, MaxEpochs{20}));
    healthy("ridge regression, gradient descent",
            watched(r, r.zero(), FullGradient{} | Constant{}, MaxIterations{100}));
    healthy("ridge regression, SGD", stochastic(line, 16, 0.05, 20));
    healthy("ridge regression, SGD with small steps", stochastic(line, 4, 0.005, 20));
    healthy("logistic regression, validated", few_examples(1000, 5, 1e-3, seed));
    healthy("bowl, gradient descent",
            descended({[](const VectorXd& x, VectorXd& g) {
                          g = x + x.array().sin().matrix() * 0.5;
                          return 0.5 * x.squaredNorm() - 0.5 * x.array().cos().sum();
                      }},
                      VectorXd::Constant(6, 2 + static_cast<double>(seed)), 0.2, 100));
    return all;
}
