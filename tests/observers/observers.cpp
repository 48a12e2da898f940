// SPDX-License-Identifier: MIT
// The trace's columns against a run that is recomputed by hand, and learning curves with and
// without gnuplot.
#include <Eigen/Core>

#include "../solvers/counting_malloc.hpp"
#include "ermine_catch.hpp"
#include "folder.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <ermine/data/logistic_data.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/observers/learning_curve.hpp>
#include <ermine/observers/trace.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>

using namespace ermine;
using Eigen::VectorXd;

namespace {

/// The lines of a trace: key and text of the number.
std::vector<std::map<std::string, std::string>> lines_of(const std::string& file) {
    std::vector<std::map<std::string, std::string>> lines;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        auto& keys = lines.emplace_back();
        std::istringstream pairs(line.substr(1, line.size() - 2));
        for (std::string pair; std::getline(pairs, pair, ',');) {
            const auto colon = pair.find(':');
            keys[pair.substr(1, colon - 2)] = pair.substr(colon + 1);
        }
        CHECK(keys.size() == 10);
        CHECK(pairs.str().rfind(",\"") == pairs.str().rfind(",\"seconds\":"));
    }
    return lines;
}

double number(const std::string& text) { return std::stod(text); }

auto some_risk() {
    return EmpiricalRisk{Linear{5}, LogisticLoss{},
                         logistic_data({.examples = 60, .features = 5}).data};
}

/// f(x) = x₀: each example's gradient is (1, 0), whatever the batch.
struct Slope {
    double value(const VectorXd& x) const { return x[0]; }
    double value_and_gradient(const VectorXd& x, VectorXd& g) const {
        g = VectorXd::Unit(2, 0);
        return x[0];
    }
};

}  // namespace

TEST_CASE("the trace's columns are those of the run, recomputed by hand") {
    const Folder folder;
    const auto risk = some_risk();
    const Minibatch batches{.size = 7, .seed = 5};
    constexpr double limit = 0.2;
    constexpr double step = 0.4;
    constexpr std::int64_t every = 3;
    constexpr std::int64_t last = 20;
    Trace trace(folder / "trace", {.every = every});
    const auto result = minimize(
        risk, risk.zero(), batches | ClipByNorm{limit} | Momentum{.decay = 0.5} | Constant{step},
        MaxIterations{last}, trace);
    trace.close();
    const auto lines = lines_of(folder / "trace");
    REQUIRE(lines.size() == 8);  // 0, 3, …, 18, 20

    VectorXd x = risk.zero();
    VectorXd velocity = VectorXd::Zero(x.size());
    VectorXd g(x.size());
    auto drawn = batches.start(risk, x);
    std::size_t line = 1;
    std::int64_t clipped = 0;
    std::int64_t since = 0;
    std::int64_t clipped_at_all = 0;
    for (const char* key : {"value", "gradient_norm", "validation", "update_ratio", "clip_rate",
                            "examples_per_second"})
        CHECK(lines[0].at(key) == "null");
    for (std::int64_t k = 1; k <= last; ++k) {
        batches.draw(risk, drawn);
        batches.sample(risk, drawn).value_and_gradient(x, g);
        const double sup = g.lpNorm<Eigen::Infinity>();
        ++since;
        if (g.norm() > limit) {
            g *= limit / g.norm();
            ++clipped;
            ++clipped_at_all;
        }
        velocity = 0.5 * velocity + g;
        const VectorXd before = x;
        x -= step * velocity;
        if (k % every != 0 && k != last) continue;
        const auto& keys = lines[line++];
        CHECK(number(keys.at("iteration")) == static_cast<double>(k));
        CHECK(number(keys.at("gradient_norm")) == Approx(sup).epsilon(1e-12));
        CHECK(number(keys.at("clip_rate")) ==
              Approx(static_cast<double>(clipped) / static_cast<double>(since)));
        if (k % every == 0 && before.norm() > 0)
            CHECK(number(keys.at("update_ratio")) ==
                  Approx((x - before).norm() / before.norm()).epsilon(1e-10));
        else
            CHECK(keys.at("update_ratio") == "null");
        CHECK(number(keys.at("examples_per_second")) > 0);
        clipped = since = 0;
    }
    CHECK(line == lines.size());
    CHECK((result.x - x).norm() <= 1e-12 * x.norm());
    CHECK(clipped_at_all > 0);
    CHECK(clipped_at_all < last);
    CHECK(result.notes.clips.steps == last);
    CHECK(result.notes.clips.shortened == clipped_at_all);
    std::ostringstream printed;
    printed << result;
    CHECK_THAT(printed.str(), contains(" % of the steps"));
}

TEST_CASE("a gradient that a direction has overwritten is not taken for one") {
    const Folder folder;
    const auto risk = some_risk();
    {
        Trace trace(folder / "trace");
        const auto result = minimize(
            risk, risk.zero(), Minibatch{.size = 7} | Momentum{} | ClipByNorm{1e-3} | Constant{0.1},
            MaxIterations{4}, trace);
        CHECK(result.notes.clips.shortened == 4);
    }
    const auto lines = lines_of(folder / "trace");
    REQUIRE(lines.size() == 5);
    for (const auto& keys : lines) CHECK(keys.at("gradient_norm") == "null");
    for (std::size_t i = 1; i < 5; ++i) CHECK(number(lines[i].at("clip_rate")) == 1);
}

TEST_CASE("an objective that is no sum has no throughput, and a run without clips no rate") {
    const Folder folder;
    {
        Trace trace(folder / "trace");
        const auto result =
            minimize(Slope{}, VectorXd(Eigen::Vector2d(2, 0)),
                     FullGradient{} | Constant{.size = 0.5}, MaxIterations{2}, trace);
        CHECK(result.notes.clips.steps == 0);
    }
    const auto lines = lines_of(folder / "trace");
    REQUIRE(lines.size() == 3);
    CHECK(number(lines[1].at("update_ratio")) == 0.25);  // from 2 to 1.5, and on to 1
    CHECK(number(lines[2].at("update_ratio")) == Approx(1.0 / 3));
    for (const auto& keys : lines) {
        CHECK(keys.at("examples_per_second") == "null");
        CHECK(keys.at("clip_rate") == "null");
        CHECK(number(keys.at("gradient_norm")) == 1);
    }
}

TEST_CASE("a trace allocates nothing after its first lines") {
    const Folder folder;
    const auto risk = some_risk();
    Trace trace(folder / "trace", {.every = 2});
    long after_first = -1;
    long at_end = -1;
    const auto watch = [&](const auto& progress) {
        at_end = small_allocations;
        if (progress.iteration() == 3) after_first = at_end;
    };
    const auto result =
        minimize(risk, risk.zero(), Minibatch{.size = 7} | ClipByNorm{1} | Constant{0.1},
                 MaxIterations{60}, trace, watch);
    CHECK(result.iterations == 60);
    CHECK(at_end == after_first);
}

TEST_CASE("a learning curve keeps a point an epoch, and few of a long run") {
    const Folder folder;
    const auto risk = some_risk();
    LearningCurve curve(folder / "curve.svg", {.points = 16, .stream = nullptr});
    const auto result =
        minimize(risk, risk.zero(), Minibatch{.size = 20} | Constant{0.1}, MaxEpochs{100}, curve);
    CHECK(result.epochs == Approx(100));
    const auto& points = curve.points();
    REQUIRE(points.size() <= 16);
    REQUIRE(points.size() >= 8);
    CHECK(points.front().epoch == 0);
    CHECK(points.back().epoch == Approx(100));
    for (std::size_t i = 1; i < points.size(); ++i) {
        CHECK(points[i].epoch > points[i - 1].epoch);
        CHECK(points[i].step == 0.1);
        CHECK(std::isfinite(points[i].value));
        CHECK(std::isfinite(points[i].gradient_norm));
    }
}

TEST_CASE("a learning curve is drawn where gnuplot is, and leaves its commands where it is not") {
    const Folder folder;
    const auto risk = some_risk();
    const std::string svg = folder / "it's a curve.svg";
    const auto run = [&](LearningCurve& curve) {
        return minimize(risk, risk.zero(), Minibatch{.size = 20} | Constant{0.1}, MaxEpochs{5},
                        curve)
            .x;
    };
    const VectorXd undisturbed =
        minimize(risk, risk.zero(), Minibatch{.size = 20} | Constant{0.1}, MaxEpochs{5}).x;

    const char* const had = std::getenv("PATH");
    const std::string path = had != nullptr ? had : "";
    REQUIRE(setenv("PATH", folder.path.c_str(), 1) == 0);
    {
        std::FILE* const said = std::tmpfile();
        LearningCurve curve(svg, {.stream = said});
        CHECK(run(curve) == undisturbed);
        CHECK_FALSE(curve.draw());
        CHECK_FALSE(curve.draw());  // and says it once
        std::rewind(said);
        std::string text(1000, '\0');
        text.resize(std::fread(text.data(), 1, text.size(), said));
        std::fclose(said);
        CHECK_THAT(text, contains("is not drawn: gnuplot is missing"));
        CHECK(std::count(text.begin(), text.end(), '\n') == 1);
    }
    setenv("PATH", path.c_str(), 1);
    CHECK_FALSE(std::filesystem::exists(svg));
    const std::string script = content(svg + ".gnuplot");
    CHECK_THAT(script, contains("set output '" + (folder / "it''s a curve.svg") + "'"));
    CHECK_THAT(script, contains("training value"));
    CHECK_THAT(script, !contains("title 'validation'"));

    if (std::system("gnuplot --version > /dev/null 2>&1") != 0) {
        WARN("gnuplot is not here: the picture itself is not tested");
        return;
    }
    for (const std::string& name : {svg, folder / "curve.png"}) {
        {
            LearningCurve curve(name);
            CHECK(run(curve) == undisturbed);
        }
        CHECK(std::filesystem::file_size(name) > 1000);
        CHECK_FALSE(std::filesystem::exists(name + ".gnuplot"));
    }
    CHECK_THAT(content(svg), contains("training value"));
    CHECK_THAT(gnuplot({.path = folder / "wrong.svg"}, "plot nonsense(\n"),
               contains("commands and data are in"));
}

TEST_CASE("what no curve can be drawn to is refused before the run") {
    const Folder folder;
    CHECK_THROWS_AS(LearningCurve(folder / "curve.pdf"), std::invalid_argument);
    CHECK_THROWS_AS(LearningCurve(folder / "curve.svg", {.points = 3}), std::invalid_argument);
    CHECK_THROWS_AS(LearningCurve(folder / "no/such/curve.svg"), DataError);
    CHECK_THROWS_AS(Trace(folder / "trace", {.every = 0}), std::invalid_argument);
}
