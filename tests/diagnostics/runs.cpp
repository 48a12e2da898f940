// SPDX-License-Identifier: MIT
#include <Eigen/Core>

#include <cmath>
#include <cstdio>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include <ermine/diagnostics/curvature_monitor.hpp>
#include <ermine/diagnostics/gradient_norm_test.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/spectrum_quadratic.hpp>
#include <ermine/observers/trace.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>

#include "ermine_catch.hpp"
#include "folder.hpp"
#include "record_of.hpp"

using namespace ermine;
using Eigen::VectorXd;

TEST_CASE("on a quadratic the monitor predicts each step exactly, and knows the safe one") {
    const SpectrumQuadratic<> f(log_spectrum(20, 0.01, 10), 3);
    const auto run = [&](double step, std::int64_t every) {
        CurvatureMonitor monitor(f, {.every = every});
        (void)minimize(f, f.start(), FullGradient{} | Constant{step}, MaxIterations{12}, monitor);
        return monitor;
    };
    const auto good = run(0.15, 1);
    REQUIRE(good.samples().size() == 13);
    for (std::size_t k = 0; k < 12; ++k) {
        const CurvatureSample& s = good.samples()[k];
        INFO("iteration " << k);
        CHECK(s.step == 0.15);
        CHECK(std::abs(s.actual - s.predicted()) <= 1e-12 * std::abs(s.value));
        CHECK(std::abs(s.actual - s.modelled) <= 1e-12 * std::abs(s.value));
        CHECK(std::abs(s.sharpness - 10) < 0.1);
        // in the interval that the spectrum allows
        CHECK(s.best_step() >= 0.1 - 1e-12);
        CHECK(s.best_step() <= 100);
        // a step is past the curvature exactly where the value rises
        CHECK(s.past_curvature() == (s.actual > 0));
        CHECK_FALSE(s.past_stability());
    }
    CHECK(std::isnan(good.samples().back().step));
    CHECK(good.past_curvature() == 0);
    CHECK_FALSE(good.too_long());
    CHECK(good.verdict().find("within the curvature") != std::string::npos);

    const auto bad = run(0.25, 1);  // 2/λmax is 0.2
    CHECK(bad.too_long());
    CHECK(bad.past_curvature() >= 6);
    CHECK(bad.samples()[3].past_stability());
    CHECK(bad.verdict().find("even small steps now increase the cost") == 0);
    CHECK(bad.verdict().find("above 2/ε = 8") != std::string::npos);
    CHECK(run(0.1, 5).samples().size() == 3);
    std::ostringstream text;
    text << bad;
    CHECK(text.str().find("past") != std::string::npos);
    // the model along the true displacement holds for any method, the formula for descent alone
    CurvatureMonitor heavy(f, {.sharpness_products = 0});
    (void)minimize(f, f.start(), FullGradient{} | Momentum{.decay = 0.9} | Constant{0.02},
                   MaxIterations{10}, heavy);
    for (std::size_t k = 1; k < 10; ++k) {
        const CurvatureSample& s = heavy.samples()[k];
        CHECK(std::abs(s.actual - s.modelled) <= 1e-12 * std::abs(s.value));
        CHECK(std::abs(s.actual - s.predicted()) > 1e-3 * std::abs(s.actual));
        CHECK(std::isnan(s.sharpness));
    }
    CHECK_THROWS_WITH(CurvatureMonitor(f, {.every = 0}), contains("CurvatureMonitorOptions.every"));
}

namespace {

using Verdict = GradientNormTest::Verdict;

}  // namespace

TEST_CASE("the gradient norm test says what follows, and what does not") {
    Random random{1};
    const auto falling = [](int k) { return std::exp(-0.03 * k); };
    const auto noise = [&](double level) {
        return [&random, level](int) { return level * std::exp(0.5 * random.normal()); };
    };
    const auto shrinks = gradient_norm_test(record_of(200, falling, falling));
    CHECK(shrinks.verdict == Verdict::shrinks);
    CHECK(shrinks.explain().find("inconclusive, because") != std::string::npos);
    const auto flat = gradient_norm_test(record_of(200, falling, noise(2)));
    CHECK(flat.verdict == Verdict::does_not_shrink);
    CHECK(flat.explain().find("not a local-minimum problem") != std::string::npos);
    CHECK(flat.cliffs.empty());
    CHECK(flat.plateaus.empty());
    // in training that succeeds the norm may grow
    const auto grows =
        gradient_norm_test(record_of(200, falling, [](int k) { return std::exp(0.02 * k); }));
    CHECK(grows.verdict == Verdict::does_not_shrink);
    CHECK(grows.explain().find("grew") != std::string::npos);
    CHECK(grows.fall > 0.5);
    const auto little =
        gradient_norm_test(record_of(200, falling, [](int k) { return std::exp(-0.006 * k); }));
    CHECK(little.verdict == Verdict::unclear);
    CHECK(gradient_norm_test(record_of(5, falling, falling)).verdict == Verdict::unclear);
    CHECK(gradient_norm_test(RunRecord{}).explain().find("known at 0 iterations") !=
          std::string::npos);
}

TEST_CASE("plateaus and cliffs are found where they are") {
    Random random{1};
    const auto steps = [](int k) {  // down, flat from 100 to 300, down
        return k < 100 ? 3 - 0.02 * k : k < 300 ? 1.0 : std::exp(-0.05 * (k - 300));
    };
    const auto norm = [&](int k) {
        return (k == 150 || k == 320 ? 60 : 1) * std::exp(0.3 * random.normal());
    };
    const auto test = gradient_norm_test(record_of(500, steps, norm));
    REQUIRE(test.plateaus.size() == 1);
    CHECK(std::abs(test.plateaus[0].from - 100) < 20);
    CHECK(std::abs(test.plateaus[0].to - 300) < 20);
    REQUIRE(test.cliffs.size() == 2);
    CHECK(test.cliffs[0] == 150);
    CHECK(test.cliffs[1] == 320);
    CHECK(test.clip_threshold > 1);
    CHECK(test.clip_threshold < 2.5);
    CHECK(test.largest > 20);
    // convergence is no plateau
    const auto done =
        gradient_norm_test(record_of(500, [](int k) { return std::exp(-0.05 * k); }, norm));
    CHECK(done.plateaus.empty());
    std::ostringstream text;
    text << test;
    CHECK(text.str().find("clip at the norm") != std::string::npos);
}

TEST_CASE("a record is that of the run, from the loop or from the file of a trace") {
    const Folder folder;
    const std::string path = folder / "run.jsonl";
    const SpectrumQuadratic<> f(log_spectrum(10, 0.1, 1), 3);
    RunRecord seen;
    {
        Trace trace(path);
        (void)minimize(f, f.start(), FullGradient{} | Constant{1}, MaxIterations{300}, trace, seen);
    }
    const RunRecord read = read_trace(path);
    CHECK(read.iteration == seen.iteration);
    CHECK(read.value == seen.value);
    CHECK(read.gradient_norm == seen.gradient_norm);
    CHECK(gradient_norm_test(read).verdict == Verdict::shrinks);

    std::ofstream(path, std::ios::app) << "{\"iteration\":0,\"value\":1}\n";
    CHECK_THROWS_WITH(read_trace(path), contains("another run begins"));
    std::ofstream(path) << "epoch,loss\n";
    CHECK_THROWS_WITH(read_trace(path), contains("no line of a trace"));
    CHECK_THROWS_WITH(read_trace(folder / "none"), contains("cannot be read"));
    RunRecord two = seen;
    two.iteration.back() = 0;
    CHECK_THROWS_WITH(gradient_norm_test(two), contains("records of two runs"));
    two.value.pop_back();
    CHECK_THROWS_WITH(gradient_norm_test(two), contains("300 values"));
}
