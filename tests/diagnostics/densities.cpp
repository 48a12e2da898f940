// SPDX-License-Identifier: MIT
#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <sstream>
#include <string>
#include <vector>

#include <ermine/diagnostics/hessian_trace.hpp>
#include <ermine/diagnostics/spectral_density.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/stochastic_trace.hpp>
#include <ermine/numerics/student_quantile.hpp>
#include <ermine/objectives/spectrum_quadratic.hpp>

#include "ermine_catch.hpp"

using namespace ermine;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

VectorXd spectrum(Index n, double (*quantile)(double)) {
    VectorXd e(n);
    for (Index i = 0; i < n; ++i)
        e[i] = quantile((static_cast<double>(i) + 0.5) / static_cast<double>(n));
    return e;
}

/// Spectra as Hessians of networks have them, and others.
struct Case {
    std::string name;
    VectorXd values;
};

std::vector<Case> cases(Index n) {
    VectorXd outliers = spectrum(n, [](double p) { return 0.2 * (p - 0.3); });
    for (Index i = 0; i < 10; ++i) outliers[i] = 2 + static_cast<double>(i);
    return {{"uniform", spectrum(n, [](double p) { return p; })},
            {"arcsine", spectrum(n, [](double p) { return std::cos(std::numbers::pi * p); })},
            {"equal ratios", log_spectrum(n, 1e-8, 1)},
            {"two clusters", spectrum(n, [](double p) { return p < 0.3 ? -1 : 1 + 1e-3 * p; })},
            {"outliers over a bulk", outliers},
            {"zeros and a few", spectrum(n, [](double p) { return p < 0.9 ? 0 : p; })}};
}

/// n × n, of the given eigenvalues, by a random basis.
MatrixXd matrix(const VectorXd& values, std::uint64_t seed) {
    return SpectrumQuadratic<>(values, seed).matrix();
}

}  // namespace

TEST_CASE("the density is within 2 % of the range in Wasserstein distance") {
    const Index n = 400;
    for (const auto& [name, values] : cases(n)) {
        const MatrixXd a = matrix(values, 4);
        const auto apply = [&](const VectorXd& v, VectorXd& product) { product.noalias() = a * v; };
        const double range = values.maxCoeff() - values.minCoeff();
        for (std::uint64_t seed = 1; seed <= 3; ++seed) {
            INFO(name << ", seed " << seed);
            const auto density =
                spectral_density(n, apply, {.by = Exactness::estimate, .seed = seed});
            CHECK(density.wasserstein(values) <= 0.02 * range);
            CHECK(std::abs(density.cumulative(1e9) - 1) < 1e-12);
        }
        const auto exact = spectral_density(n, apply, {.by = Exactness::exact});
        CHECK(exact.wasserstein(values) <= 1e-12 * range);
        CHECK(exact.exact());
    }
}

TEST_CASE("the estimates of a density have honest errors") {
    VectorXd values = log_spectrum(400, 1e-5, 1);
    for (Index i = 0; i < 40; ++i) values[10 * i] *= -1;
    const MatrixXd a = matrix(values, 9);
    const auto apply = [&](const VectorXd& v, VectorXd& product) { product.noalias() = a * v; };
    double dimension = 0;
    for (const double value : values)
        dimension += std::max(value, 0.0) / (std::max(value, 0.0) + 0.01);
    int covered = 0;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        const auto d = spectral_density(
            400, apply, {.probes = 6, .steps = 40, .by = Exactness::estimate, .seed = seed});
        const Estimate effective = d.effective_dimension(0.01);
        covered += effective.lower() <= dimension && dimension <= effective.upper();
    }
    CHECK(covered >= 16);
    const auto exact = spectral_density(400, apply);
    CHECK(std::abs(exact.effective_dimension(0.01).value - dimension) < 1e-8);
    CHECK(std::abs(exact.negative(1e-12).value - 40) < 1e-9);
    CHECK(std::abs(exact.trace().value - a.trace()) < 1e-10);
    CHECK_THROWS_WITH(exact.effective_dimension(0), contains("alpha is 0"));
    std::ostringstream text;
    text << exact;
    CHECK(text.str().find("spectrum of 400 eigenvalues, exact") == 0);
}

TEST_CASE("the trace lies in its 95 % interval in 183 to 198 of 200 trials") {
    const Index n = 150;
    for (const auto& [name, values] : cases(n)) {
        const MatrixXd a = matrix(values, 4);
        const auto apply = [&](const VectorXd& v, VectorXd& product) { product.noalias() = a * v; };
        const double truth = a.trace();
        const double rounding = 1e-9 * a.norm();
        int plain = 0;
        int better = 0;
        double width = 0;
        double narrow = 0;
        for (std::uint64_t seed = 1; seed <= 200; ++seed) {
            const Estimate first = hutchinson_trace(n, apply, {.products = 30, .seed = seed});
            const Estimate second = hutch_plus_plus(n, apply, {.products = 90, .seed = seed});
            plain += std::abs(first.value - truth) <= first.error + rounding;
            better += std::abs(second.value - truth) <= second.error + rounding;
            width += first.error;
            narrow += second.error;
        }
        INFO(name << ": " << plain << " and " << better << " of 200, " << narrow / width);
        CHECK(plain >= 183);
        CHECK(plain <= 198);
        CHECK(better >= 183);
        // where a third of the products span all there is, the answer is exact each time
        if (name != "zeros and a few") CHECK(better <= 198);
    }
}

TEST_CASE("the diagonal lies in its 95 % intervals") {
    const Index n = 200;
    const MatrixXd a = matrix(cases(n)[0].values, 4);
    const auto apply = [&](const VectorXd& v, VectorXd& product) { product.noalias() = a * v; };
    const auto d = stochastic_diagonal(n, apply, {.products = 40, .seed = 3});
    Index covered = 0;
    for (Index i = 0; i < n; ++i) covered += std::abs(d.values[i] - a(i, i)) <= d.errors[i];
    CHECK(covered >= 180);
    CHECK(covered <= 199);
    const SpectrumQuadratic<> f(cases(n)[0].values, 4);
    const Estimate trace = hessian_trace(f, f.start());
    CHECK(std::abs(trace.value - a.trace()) < 2 * trace.error);
    const auto same = hessian_diagonal(f, f.start(), {.products = 40, .seed = 3});
    CHECK((same.values - d.values).norm() < 1e-9);
}

TEST_CASE("Student's intervals are those of the tables") {
    // Abramowitz & Stegun, table 26.10
    CHECK(std::abs(student_interval(0.95, 1) - 12.706) < 1e-3);
    CHECK(std::abs(student_interval(0.95, 2) - 4.303) < 1e-3);
    CHECK(std::abs(student_interval(0.95, 9) - 2.262) < 1e-3);
    CHECK(std::abs(student_interval(0.99, 30) - 2.750) < 1e-3);
    CHECK(std::abs(student_interval(0.95, 100000) - 1.95996) < 1e-3);
    CHECK_THROWS(student_interval(0.95, 0));
}
