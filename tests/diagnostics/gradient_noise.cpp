// SPDX-License-Identifier: MIT
// Noise scale, diversity, and the errors of inexact derivatives, where they are known.
#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>

#include <ermine/data/dataset.hpp>
#include <ermine/diagnostics/derivative_errors.hpp>
#include <ermine/diagnostics/gradient_noise.hpp>
#include <ermine/diagnostics/gradient_statistics.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/noisy.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// The mean of ½ ‖θ − cᵢ‖², a column cᵢ an example: gᵢ = θ − cᵢ, H = I.
struct Springs {
    MatrixXd centers;

    [[nodiscard]] Index examples() const { return centers.cols(); }
    [[nodiscard]] double value(const VectorXd& x) const {
        return 0.5 * (centers.colwise() - x).colwise().squaredNorm().mean();
    }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        g = x - centers.rowwise().mean();
        return value(x);
    }
    double value_and_gradient(const VectorXd& x, Batch batch, VectorXd& g) const {
        g.setZero(x.size());
        for (const std::int32_t i : batch) g += x - centers.col(i);
        g /= static_cast<double>(batch.size());
        return 0;
    }
    void hessian_product(const VectorXd&, const VectorXd& v, VectorXd& Hv) const { Hv = v; }
};

/// Centers with standard normal coordinates times σ.
Springs springs(Index n, Index d, double sigma, std::uint64_t seed) {
    Random random{seed};
    MatrixXd centers(d, n);
    for (Index i = 0; i < centers.size(); ++i) centers.data()[i] = sigma * random.normal();
    return {centers};
}

}  // namespace

TEST_CASE("over all examples the noise scale is exact, and the diversity that of its definition") {
    const Springs f = springs(50, 4, 2, 1);
    const VectorXd theta = VectorXd::Constant(4, 1);
    const GradientNoise g = gradient_noise(f, theta);
    const GradientStatistics s = gradient_statistics(f, theta);
    CHECK(g.batches == 50);
    CHECK(g.variance.value == Approx(s.deviation * s.deviation).epsilon(1e-12));
    CHECK(g.squared_norm.value == Approx(s.norm * s.norm).epsilon(1e-12));
    CHECK(g.scale == Approx(s.noise_scale).epsilon(1e-12));
    CHECK(g.variance.error == 0);
    CHECK(g.squared_norm.error == 0);
    CHECK(g.scale_interval.upper - g.scale_interval.lower < 1e-6 * g.scale);
    // Σ ‖gᵢ‖² / ‖Σ gᵢ‖²
    const MatrixXd gradients = (-f.centers).colwise() + theta;
    const double diversity = gradients.squaredNorm() / gradients.rowwise().sum().squaredNorm();
    CHECK(g.diversity() == Approx(diversity).epsilon(1e-12));
    CHECK(s.diversity() == Approx(diversity).epsilon(1e-12));
    CHECK(g.efficiency(7) == Approx(s.efficiency(7)));

    // the same example n times, and examples at right angles
    const Springs same{MatrixXd::Ones(3, 10)};
    CHECK(gradient_noise(same, VectorXd(VectorXd::Zero(3))).diversity() == Approx(0.1));
    CHECK(gradient_noise(same, VectorXd(VectorXd::Zero(3))).scale == 0);
    const Springs angles{MatrixXd::Identity(6, 6)};
    CHECK(gradient_noise(angles, VectorXd(VectorXd::Zero(6))).diversity() == Approx(1));
}

TEST_CASE("for normal examples the noise scale is d σ² / ‖θ − μ‖²") {
    const VectorXd theta = VectorXd::Constant(5, 2);
    for (const Index batch : {1, 20}) {
        int scale = 0;
        double mean = 0;
        for (std::uint64_t seed = 1; seed <= 100; ++seed) {
            const Springs f = springs(20000, 5, 3, seed);
            const GradientNoise g =
                gradient_noise(f, theta, {.batch = batch, .batches = 200, .seed = seed});
            scale += g.scale_interval.lower < 45.0 / 20 && 45.0 / 20 < g.scale_interval.upper;
            mean += g.variance.value / 100;
            CHECK(g.diversity_interval().lower == (1 + g.scale_interval.lower) / 20000);
        }
        INFO("batch " << batch << ": " << scale);
        // 95 expected; fewer than 88 have probability 0.2 %
        CHECK(scale >= 88);
        CHECK(mean == Approx(45).epsilon(0.02));
    }
}

TEST_CASE("the intervals hold the truth about as often as they say") {
    const Springs f = springs(2000, 3, 1, 5);
    const VectorXd theta = VectorXd::Constant(3, 0.4);
    const GradientStatistics truth = gradient_statistics(f, theta);
    for (const Index batch : {1, 4}) {
        int scale = 0;
        int variance = 0;
        int norm = 0;
        double mean = 0;
        double error = 0;
        for (std::uint64_t seed = 1; seed <= 200; ++seed) {
            const auto g = gradient_noise(f, theta, {.batch = batch, .batches = 100, .seed = seed});
            const double v = truth.deviation * truth.deviation;
            const double q = truth.norm * truth.norm;
            scale += g.scale_interval.lower <= truth.noise_scale &&
                     truth.noise_scale <= g.scale_interval.upper;
            variance += std::abs(g.variance.value - v) <= g.variance.error;
            norm += std::abs(g.squared_norm.value - q) <= g.squared_norm.error;
            mean += g.squared_norm.value / 200;
            error += g.squared_norm.error / 200;
        }
        INFO("batch " << batch << ": " << scale << ", " << variance << ", " << norm);
        // 190 expected; fewer than 180 or more than 198 have probability 0.1 % each
        for (const int times : {scale, variance, norm}) {
            CHECK(times >= 180);
            CHECK(times <= 198);
        }
        // within two standard errors of no bias; that of ‖ḡ‖² is nearly four for batches of 1
        CHECK(std::abs(mean - truth.norm * truth.norm) < error / std::sqrt(200.0));
    }
}

TEST_CASE("where the gradient is lost in the noise the scale is endless, and is said to be") {
    Springs f = springs(5000, 3, 1, 6);
    f.centers.colwise() -= VectorXd(f.centers.rowwise().mean());
    const VectorXd minimum = VectorXd::Zero(3);
    const auto g = gradient_noise(f, minimum, {.batches = 40});
    CHECK(std::isinf(g.scale_interval.upper));
    CHECK(g.scale_interval.lower > 5);
    std::ostringstream text;
    text << g;
    CHECK(text.str().find("the gradient is lost in the noise of these batches: take more") !=
          std::string::npos);
}

TEST_CASE("bias and variance of noisy gradients and products are what was asked for") {
    const Index n = 50;
    const Springs f = springs(20, n, 1, 7);
    VectorXd x = VectorXd::Constant(n, 3);
    VectorXd g(n);
    f.value_and_gradient(x, g);
    int bias = 0;
    int variance = 0;
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        const NoisyOptions how{.gradient = {.additive = 0.1, .multiplicative = 0.05, .bias = 0.6},
                               .seed = seed};
        const auto e = gradient_errors(noisy(f, how), f, x, {.draws = 60});
        const double expected = n * 0.01 + 0.0025 * g.squaredNorm();
        bias += std::abs(e.squared_bias.value - 0.36) <= e.squared_bias.error;
        variance += std::abs(e.variance.value - expected) <= e.variance.error;
    }
    INFO(bias << ", " << variance);
    for (const int times : {bias, variance}) {
        CHECK(times >= 180);
        CHECK(times <= 199);
    }

    // no bias is seen where there is none, and one of rounding is the same each time
    int seen = 0;
    for (std::uint64_t seed = 1; seed <= 100; ++seed)
        seen +=
            gradient_errors(noisy(f, {.gradient = {.additive = 0.1}, .seed = seed}), f, x).biased();
    CHECK(seen <= 8);
    const auto rounded = gradient_errors(noisy(f, {.gradient = {.quantum = 0.01}}), f, x);
    CHECK(rounded.biased());
    CHECK(rounded.deviation() < 1e-12);
    CHECK(rounded.bias() == Approx(std::sqrt(n / 12.0) * 0.01).epsilon(0.3));
    CHECK(rounded.exact_norm == Approx(g.norm()));

    const auto product =
        hessian_errors(noisy(f, {.product = {.additive = 0.2, .bias = 1}}), f, x, {.draws = 1000});
    CHECK(product.exact_norm == Approx(1));
    CHECK(product.variance.value == Approx(n * 0.04).epsilon(0.03));
    CHECK(product.squared_bias.value == Approx(1).epsilon(0.1));
    std::ostringstream text;
    text << product;
    CHECK(text.str().find("over 1000 draws, exact norm 1\n  bias 1.0") == 0);
    const auto exact = gradient_errors(f, f, x);
    CHECK_FALSE(exact.biased());
    CHECK(exact.mean_square() < 1e-24);
}

TEST_CASE("minibatches have no bias, and the variance tr Σ / b") {
    const Springs f = springs(500, 6, 1, 8);
    const VectorXd x = VectorXd::Constant(6, 1);
    const GradientStatistics s = gradient_statistics(f, x);
    for (const Index b : {1, 10}) {
        const auto e = gradient_errors(f, f, x, {.draws = 2000, .batch = b});
        CHECK_FALSE(e.biased());
        CHECK(e.deviation() == Approx(s.standard_error(b)).epsilon(0.05));
        CHECK(e.mean_square() == Approx(e.variance.value).epsilon(0.02));
    }
}

TEST_CASE("noise refuses what it cannot measure, in a sentence") {
    const Springs f = springs(20, 3, 1, 7);
    const VectorXd x = VectorXd::Ones(3);
    CHECK_THROWS_WITH(gradient_noise(f, x, {.batch = 8}),
                      contains("2 batches of 8 of 20 examples: at least 3"));
    CHECK_THROWS_WITH(gradient_noise(f, x, {.batch = 0}),
                      contains("GradientNoiseOptions.batch is 0"));
    CHECK_THROWS_WITH(gradient_noise(f, x, {.batches = 0}),
                      contains("GradientNoiseOptions.batches is 0"));
    CHECK_THROWS_WITH(gradient_noise(f, x).efficiency(0), contains("the batch is 0"));
    const VectorXd bad = VectorXd::Constant(3, std::numeric_limits<double>::quiet_NaN());
    CHECK_THROWS_WITH(gradient_noise(f, bad), contains("not finite"));
    CHECK_THROWS_WITH(gradient_errors(f, f, bad), contains("not finite"));
    CHECK_THROWS_WITH(gradient_errors(f, f, x, {.draws = 2}), contains("draws is 2"));
    CHECK_THROWS_WITH(gradient_errors(f, f, x, {.batch = 21}), contains("batch is 21"));
    CHECK_THROWS_WITH(gradient_errors(noisy(f, {}), f, x, {.batch = -1}), contains("batch is -1"));
    CHECK_THROWS_WITH(hessian_errors(f, f, x, {.batch = 2}),
                      contains("no products with the Hessian of a batch"));
}
