// SPDX-License-Identifier: MIT
// Statistics of examples' gradients, where they are known in closed form.
#include <Eigen/Core>
#include <Eigen/SparseCore>

#include <cmath>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>
#include <vector>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/data/dataset.hpp>
#include <ermine/data/distinct_examples.hpp>
#include <ermine/data/with_replacement.hpp>
#include <ermine/diagnostics/advise_batch_size.hpp>
#include <ermine/diagnostics/batch_advice.hpp>
#include <ermine/diagnostics/gradient_statistics.hpp>
#include <ermine/losses/squared.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/finite_sum.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::VectorXd;

namespace {

struct Sample {
    Eigen::MatrixXd x;
    VectorXd y;

    explicit Sample(Index n, Index d = 3) : x(n, d), y(n) {
        Random random{23};
        for (Index i = 0; i < n; ++i) {
            for (Index j = 0; j < d; ++j) x(i, j) = random.normal();
            y[i] = x.row(i).sum() + random.normal();
        }
    }
};

}  // namespace

TEST_CASE("for points with springs, σ and both noise scales are known") {
    // fᵢ = ½ Σ dⱼ (θⱼ − cᵢⱼ)², c = ±s around 0 in each coordinate: gᵢ = d (θ − cᵢ).
    const VectorXd d = (VectorXd(2) << 4, 1).finished();
    const VectorXd s = (VectorXd(2) << 0.5, 3).finished();
    const VectorXd theta = (VectorXd(2) << 0.25, -2).finished();
    const auto sum = finite_sum(1000, [=](Index i, const auto& p) {
        const double sign0 = i % 2 == 0 ? 1 : -1;
        const double sign1 = i % 4 < 2 ? 1 : -1;
        const auto a = p[0] - sign0 * s[0];
        const auto b = p[1] - sign1 * s[1];
        return 0.5 * (d[0] * a * a + d[1] * b * b);
    });
    const GradientStatistics r = gradient_statistics(sum, theta);
    CHECK(r.examples == 1000);
    CHECK(r.gradient[0] == Approx(1).epsilon(1e-13));
    CHECK(r.gradient[1] == Approx(-2).epsilon(1e-13));
    CHECK(r.sigma[0] == Approx(2).epsilon(1e-13));
    CHECK(r.sigma[1] == Approx(3).epsilon(1e-13));
    CHECK(r.norm == Approx(std::sqrt(5)));
    CHECK(r.deviation == Approx(std::sqrt(13)));
    CHECK(r.noise_scale == Approx(13.0 / 5).epsilon(1e-12));
    // tr(HΣ) = 4·4 + 1·9, gᵀHg = 4·1 + 1·4.
    REQUIRE(r.curved_noise_scale);
    CHECK(*r.curved_noise_scale == Approx(25.0 / 8).epsilon(1e-12));
    CHECK(r.diminishing_returns() == 4);
    CHECK(r.efficiency(25) == Approx(1 / (1 + 25.0 / 8 / 25)));
    CHECK(r.standard_error(4) == Approx(std::sqrt(13) / 2));
    CHECK(r.standard_error_without_replacement(4) ==
          Approx(std::sqrt(13) / 2 * std::sqrt(996.0 / 999)));
    CHECK(r.standard_error_without_replacement(1000) == 0);
    CHECK(!r.distinct);
    CHECK(r.redundancy() == 0);
    CHECK_THROWS_WITH(r.standard_error(0), contains("a batch of 0"));
    CHECK_THROWS_WITH(r.standard_error_without_replacement(1001), contains("1001 out of 1000"));

    // At the minimum all is noise.
    const GradientStatistics rest = gradient_statistics(sum, VectorXd::Zero(2).eval());
    CHECK(rest.noise_scale > 1e20);
    CHECK(rest.diminishing_returns() == 1000);
    CHECK_THROWS_WITH(gradient_statistics(sum, VectorXd::Constant(2, std::nan("")).eval()),
                      contains("the gradient is not finite"));
}

TEST_CASE("the noise scale says how long the gradients of batches are") {
    const Sample sample{5000};
    const EmpiricalRisk risk{Linear{.features = 3, .intercept = false}, SquaredLoss{},
                             Dataset{sample.x, sample.y}};
    // With x standard normal, e = y − xᵀ1 standard normal, δ = θ − 1 and the loss's factor c:
    // Σ = c² (E e² I + ‖δ‖² I + δδᵀ), so that tr Σ / ‖g‖² = (3 + 4 ‖δ‖²) / ‖δ‖² in expectation.
    const VectorXd theta = VectorXd::Ones(3) + (VectorXd(3) << 0.3, 0, -0.4).finished();
    const GradientStatistics r = gradient_statistics(risk, theta);
    CHECK(r.noise_scale == Approx((3 + 4 * 0.25) / 0.25).epsilon(0.1));
    // The Hessian is nearly a multiple of I.
    CHECK(r.curved_noise_scale.value() == Approx(r.noise_scale).epsilon(0.1));

    // E ‖g over a batch of b‖² = ‖g‖² (1 + B/b).
    const WithReplacement sampler{.seed = 3};
    for (const Index b : {1, 8, 64}) {
        auto state = sampler.start(5000);
        VectorXd g(3);
        double sum = 0;
        const int draws = 40000;
        for (int k = 0; k < draws; ++k) {
            risk.value_and_gradient(theta, sampler.draw(state, b), g);
            sum += g.squaredNorm();
        }
        CHECK(sum / draws / (r.norm * r.norm) ==
              Approx(1 + r.noise_scale / static_cast<double>(b)).epsilon(0.05));
    }

    // A penalty moves the mean, and no example from it.
    const GradientStatistics penalized = gradient_statistics(risk + L2{0.5}, theta);
    CHECK((penalized.gradient - r.gradient - 0.5 * theta).norm() < 1e-12);
    CHECK((penalized.sigma - r.sigma).norm() < 1e-12);
    CHECK(penalized.distinct == r.distinct);
    CHECK(r.distinct == 5000);

    // The same in float.
    const EmpiricalRisk single{Linear{.features = 3, .intercept = false}, SquaredLoss{},
                               Dataset{Eigen::MatrixXf(sample.x.cast<float>()), sample.y}};
    const GradientStatistics f = gradient_statistics(single, Eigen::VectorXf(theta.cast<float>()));
    CHECK(f.deviation == Approx(r.deviation).epsilon(1e-5));
    CHECK(f.noise_scale == Approx(r.noise_scale).epsilon(1e-4));

#ifdef _OPENMP
    const int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    const GradientStatistics alone = gradient_statistics(risk, theta);
    omp_set_num_threads(2);
    const GradientStatistics together = gradient_statistics(risk, theta);
    omp_set_num_threads(threads);
    CHECK(alone.sigma == together.sigma);
    CHECK(alone.noise_scale == together.noise_scale);
    CHECK(alone.curved_noise_scale == together.curved_noise_scale);
#endif

    std::ostringstream text;
    text << r;
    for (const char* part : {"over 5000 examples", "standard error", "returns diminish beyond",
                             "5000 examples differ: 0 % repeat another"})
        CHECK(text.str().find(part) != std::string::npos);
}

TEST_CASE("identical examples are counted once") {
    const Sample sample{12};
    const Eigen::MatrixXd x = sample.x.replicate(5, 1);
    const VectorXd y = sample.y.replicate(5, 1);
    const Dataset copies{x, y};
    CHECK(distinct_examples(copies) == 12);
    const EmpiricalRisk once{Linear{.features = 3}, SquaredLoss{}, Dataset{sample.x, sample.y}};
    const EmpiricalRisk five{Linear{.features = 3}, SquaredLoss{}, copies};
    const VectorXd theta = VectorXd::LinSpaced(4, -1, 1);
    const GradientStatistics a = gradient_statistics(once, theta);
    const GradientStatistics b = gradient_statistics(five, theta);
    CHECK(a.redundancy() == 0);
    CHECK(b.redundancy() == Approx(0.8));
    // The same noise, so batches no larger are worth while: Θ(1) work instead of Θ(m).
    CHECK(b.noise_scale == Approx(a.noise_scale).epsilon(1e-12));
    CHECK(b.diminishing_returns() == a.diminishing_returns());

    VectorXd other = y;
    other[13] += 1e-12;
    CHECK(distinct_examples(Dataset{x, other}) == 13);
    VectorXd weights = VectorXd::Ones(60);
    weights[7] = 2;
    CHECK(distinct_examples(Dataset{x, y, weights}) == 13);
    Eigen::MatrixXd zeros = Eigen::MatrixXd::Zero(3, 2);
    zeros(1, 0) = -0.0;
    CHECK(distinct_examples(Dataset{zeros, VectorXd::Zero(3)}) == 1);
    // Sparse: the same numbers in other columns are another example.
    Eigen::SparseMatrix<double, Eigen::RowMajor> sparse(4, 3);
    sparse.insert(0, 0) = 1;
    sparse.insert(1, 1) = 1;
    sparse.insert(2, 0) = 1;
    CHECK(distinct_examples(Dataset{sparse, VectorXd::Zero(4)}) == 3);

    const GradientStatistics one = gradient_statistics(
        EmpiricalRisk{Linear{.features = 3}, SquaredLoss{},
                      Dataset{sample.x.topRows(1).eval(), sample.y.head(1).eval()}},
        theta);
    CHECK(one.deviation == 0);
    CHECK(one.noise_scale == 0);
    CHECK(one.diminishing_returns() == 1);
    CHECK(one.standard_error_without_replacement(1) == 0);
}

TEST_CASE("the advised batch size weighs time against noise") {
    // t = t₀ + t₁ b, and 1 + B/b steps: the best b is √(t₀ B / t₁) = 64.
    BatchAdvice advice;
    for (Index b = 1; b <= 4096; b *= 2) {
        advice.sizes.push_back(b);
        advice.seconds.push_back(1e-6 * (16 + static_cast<double>(b)));
    }
    advice.noise_scale = 256;
    CHECK(advice.size() == 64);
    CHECK(advice.relative_time(6) == 1);
    CHECK(advice.relative_time(0) == Approx(17.0 * 257 / (80.0 * 5)));
    // 1 + 16/b <= 1.25 (1 + 16/4096).
    CHECK(advice.machine_minimum() == 64);
    CHECK(advice.machine_minimum(3) == 8);
    advice.noise_scale = 0;  // no noise: the cheapest step is the best
    CHECK(advice.size() == 1);
    advice.noise_scale =
        std::numeric_limits<double>::infinity();  // all noise: the cheapest example
    CHECK(advice.size() == 4096);
    std::ostringstream text;
    text << advice;
    CHECK(text.str().find("<- advised") != std::string::npos);

    CHECK_THROWS_WITH(BatchAdvice{}.size(), contains("give increasing sizes"));
    CHECK_THROWS_WITH((BatchAdvice{{2, 1}, {1, 1}, 1}.size()), contains("give increasing sizes"));
    CHECK_THROWS_WITH((BatchAdvice{{1, 2}, {1, 0}, 1}.size()), contains("a positive time"));
}

TEST_CASE("sizes are measured from the smallest to the largest, by powers of two") {
    const Sample sample{300};
    const EmpiricalRisk risk{Linear{.features = 3}, SquaredLoss{}, Dataset{sample.x, sample.y}};
    const VectorXd theta = VectorXd::Zero(4);
    const BatchAdvice advice = advise_batch_size(risk, theta, {.seconds_a_size = 0});
    CHECK(advice.sizes == std::vector<Index>{1, 2, 4, 8, 16, 32, 64, 128, 256});
    CHECK_NOTHROW(advice.check());
    const GradientStatistics statistics = gradient_statistics(risk, theta);
    CHECK(advice.noise_scale == statistics.curved_noise_scale);
    CHECK(
        advise_batch_size(risk, theta, {.smallest = 5, .largest = 40, .seconds_a_size = 0}).sizes ==
        std::vector<Index>{8, 16, 32});
    const auto refused = [&](const BatchMeasurement& options, const char* text) {
        CHECK_THROWS_WITH(advise_batch_size(risk, theta, options), contains(text));
    };
    refused({.smallest = 0}, "BatchMeasurement.smallest is 0");
    refused({.largest = 301}, "BatchMeasurement.largest is 301");
    refused({.smallest = 9, .largest = 8}, "BatchMeasurement.largest is 8");
    refused({.seconds_a_size = -1}, "BatchMeasurement.seconds_a_size is -1");
}
