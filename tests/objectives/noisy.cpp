// SPDX-License-Identifier: MIT
#include <Eigen/Core>

#include <cmath>
#include <cstdint>

#include <ermine/estimators/full_gradient.hpp>
#include <ermine/objectives/noise_levels.hpp>
#include <ermine/objectives/noisy.hpp>
#include <ermine/objectives/spectrum_quadratic.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::VectorXd;

namespace {

/// Sees the values of a run, after it has settled.
struct Level {
    double sum = 0;
    std::int64_t count = 0;
    void see(const auto& progress) {
        if (progress.iteration() < 2000) return;
        sum += progress.value();
        ++count;
    }
    [[nodiscard]] double mean() const { return sum / static_cast<double>(count); }
};

}  // namespace

TEST_CASE("errors of gradients have the mean and the variance that were asked for") {
    const Index n = 50;
    const SpectrumQuadratic<> f(VectorXd::Ones(n), 3);
    VectorXd x = VectorXd::Ones(n);
    VectorXd g(n);
    VectorXd exact(n);
    const auto errors = [&](const NoiseLevels& levels, auto see) {
        const auto wrong = noisy(f, {.gradient = levels, .seed = 5});
        for (int k = 0; k < 400; ++k) {
            x[0] = 1 + 0.001 * k;
            f.value_and_gradient(x, exact);
            CHECK(wrong.value_and_gradient(x, g) == f.value(x));
            see(VectorXd(g - exact));
        }
    };
    VectorXd sum = VectorXd::Zero(n);
    double squares = 0;
    errors({.additive = 0.3}, [&](const VectorXd& e) {
        sum += e;
        squares += e.squaredNorm();
    });
    CHECK(std::abs(squares / (400 * n) - 0.09) < 0.004);  // about 4 standard errors
    CHECK((sum / 400).norm() < 0.3 * std::sqrt(n / 400.0) * 1.5);
    squares = 0;
    double scale = 0;
    errors({.multiplicative = 0.1}, [&](const VectorXd& e) {
        squares += e.squaredNorm();
        scale += exact.squaredNorm();
    });
    CHECK(std::abs(squares / scale - 0.01) < 0.001);
    VectorXd first;
    errors({.bias = 2}, [&](const VectorXd& e) {
        if (first.size() == 0) first = e;
        CHECK(std::abs(e.norm() - 2) < 1e-9);
        CHECK((e - first).norm() < 1e-9);
    });
    errors({.quantum = 0.25}, [&](const VectorXd& e) {
        CHECK(e.lpNorm<Eigen::Infinity>() <= 0.125 + 1e-12);
        CHECK(g[7] * 4 == std::round(g[7] * 4));
    });
    // the same point, the same gradient
    const auto wrong = noisy(f, {.gradient = {.additive = 1}, .product = {.additive = 1}});
    VectorXd again(n);
    wrong.value_and_gradient(x, g);
    wrong.value_and_gradient(x, again);
    CHECK(g == again);
    wrong.hessian_product(x, exact, g);
    CHECK((g - exact).norm() > 1);
    CHECK_THROWS_WITH(noisy(f, {.gradient = {.additive = -1}}), contains("NoiseLevels.additive"));
    static_assert(!TwiceDifferentiable<decltype(wrong)>);  // no exact Hessian behind its back
}

TEST_CASE("gradient descent settles where noise_floor says") {
    const VectorXd lambda = log_spectrum(20, 0.1, 1);
    const SpectrumQuadratic<> f(lambda, 3);
    const auto settle = [&](const NoiseLevels& levels, double step) {
        Level level;
        (void)minimize(noisy(f, {.gradient = levels}), f.start(), FullGradient{} | Constant{step},
                       MaxIterations{12000}, level);
        return level.mean();
    };
    for (const double step : {0.1, 1.0}) {
        INFO("step " << step);
        const double exact = (step * 0.04 / (2 * (2 - step * lambda.array()))).sum();
        const double seen = settle({.additive = 0.2}, step);
        CHECK(std::abs(seen / exact - 1) < 0.1);
        const NoiseFloor bound = noise_floor({.additive = 0.2}, 20, step, 1, 0.1);
        CHECK(seen < 1.1 * bound.variance);
        CHECK(bound.total == bound.variance);
        CHECK(settle({.bias = 0.2}, step) <= noise_floor({.bias = 0.2}, 20, step, 1, 0.1).bias);
        CHECK(settle({.quantum = 0.1}, step) <=
              noise_floor({.quantum = 0.1}, 20, step, 1, 0.1).rounding);
    }
    CHECK(settle({.bias = 0.2}, 0.1) > 0.02);
    CHECK(settle({.multiplicative = 0.5}, 0.5) < 1e-20);
    CHECK(std::isinf(noise_floor({.additive = 0.2}, 20, 2, 1, 0.1).total));
}
