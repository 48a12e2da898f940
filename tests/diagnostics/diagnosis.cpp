// SPDX-License-Identifier: MIT
#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include <nlohmann/json.hpp>

#include <ermine/data/spirals.hpp>
#include <ermine/diagnostics/diagnose.hpp>
#include <ermine/diagnostics/run_record.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/he.hpp>
#include <ermine/models/initialize.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/relu.hpp>
#include <ermine/numerics/finite_difference.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/network_risk.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/objectives/spectrum_quadratic.hpp>

#include "ermine_catch.hpp"
#include "folder.hpp"
#include "record_of.hpp"

using namespace ermine;
using Eigen::VectorXd;

namespace {

constexpr double no_number = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("findings are ranked, one of a kind, and each number is known to JSON") {
    Diagnosis d;
    std::ostringstream nothing;
    nothing << d;
    CHECK(nothing.str() == "nothing was looked for\n");
    d.look_for(Difficulty::dead_units);
    d.look_for(Difficulty::cliff);
    CHECK(d.healthy());
    d.add({Difficulty::plateau, 0.6, "stood", "go"});
    d.add({Difficulty::cliff, no_number, "a \"wall\"\n\\ tab\t bell\a \xff\xc3\xa9 \xe2\x82",
           "ClipByNorm{1}"});
    d.add({Difficulty::long_step, 0.9, "‖∇f‖", ""});
    d.add({Difficulty::plateau, 0.7, "stood longer", "go"});
    d.add({Difficulty::plateau, 0.5, "stood less", "go"});
    REQUIRE(d.findings.size() == 3);
    CHECK(d.findings[0].what == Difficulty::long_step);
    CHECK(d.findings[1].evidence == "stood longer");
    CHECK(d.findings[2].what == Difficulty::cliff);
    CHECK(d.checked == std::vector<Difficulty>{Difficulty::cliff, Difficulty::plateau,
                                               Difficulty::long_step, Difficulty::dead_units});
    const auto read = nlohmann::json::parse(d.json());
    REQUIRE(read["findings"].size() == 3);
    CHECK(read["findings"][0]["what"] == "long step");
    CHECK(read["findings"][0]["confidence"] == 0.9);
    CHECK(read["findings"][0]["evidence"] == "‖∇f‖");
    CHECK(read["findings"][2]["confidence"].is_null());
    CHECK(read["findings"][2]["evidence"] ==
          "a \"wall\"\n\\ tab\t bell\a \xef\xbf\xbd\xc3\xa9 \xef\xbf\xbd\xef\xbf\xbd");
    CHECK(read["checked"].size() == 4);
    CHECK(read["checked"][3] == "dead units");
    CHECK(nlohmann::json::parse(Diagnosis{}.json())["findings"].empty());
    std::ostringstream text;
    text << d;
    CHECK(text.str().find("1. long step (confidence 0.90)") == 0);
    CHECK(text.str().find("not found: dead units") != std::string::npos);

    CHECK(confidence_of(10, 10) == 0.5);
    CHECK(confidence_of(9, 10) == 0);
    CHECK(confidence_of(100, 10) == 0.95);
    CHECK(confidence_of(no_number, 10) == 0);
    CHECK(confidence_of(std::numeric_limits<double>::infinity(), 10) == 1);
    for (std::size_t k = 0; k < difficulties; ++k)
        CHECK(std::string(name_of(static_cast<Difficulty>(k))) != "unknown");
}

TEST_CASE("a record tells what it holds, and no more") {
    Random random{1};
    const auto falling = [](int k) { return std::exp(-0.03 * k); };
    const auto noise = [&](int) { return std::exp(0.3 * random.normal()); };
    CHECK(diagnose(record_of(300, falling, falling)).healthy());
    // too short for most
    const Diagnosis brief = diagnose(record_of(5, falling, falling));
    CHECK(brief.healthy());
    CHECK(brief.checked.empty());
    // noise about a level, and the same in turn
    const auto level = [&](int k) {
        return k < 50 ? 1 - 0.01 * k : 0.5 + 0.1 * std::abs(random.normal());
    };
    CHECK(diagnose(record_of(300, level, noise)).find(Difficulty::noisy_gradient) != nullptr);
    const auto turns = [](int k) { return k < 50 ? 1 - 0.01 * k : k % 2 == 0 ? 0.5 : 0.7; };
    const Diagnosis jumps = diagnose(record_of(300, turns, noise));
    CHECK(jumps.find(Difficulty::long_step) != nullptr);
    CHECK(jumps.find(Difficulty::noisy_gradient) == nullptr);
    // gradients of batches jump by chance
    const auto wild = [&](int) { return std::exp(1.2 * random.normal()); };
    CHECK(diagnose(record_of(3000, falling, wild)).find(Difficulty::cliff) == nullptr);
    // a schedule that cuts the step explains why the value fell on
    const auto shelf = [](int k) {
        return k < 50 ? 1 - 0.01 * k : k < 200 ? 0.5 : 0.5 * std::exp(-0.05 * (k - 200));
    };
    RunRecord cut = record_of(300, shelf, noise);
    CHECK(diagnose(cut).find(Difficulty::plateau) != nullptr);
    for (std::size_t k = 200; k < 300; ++k) cut.step[k] = 0.01;
    CHECK(diagnose(cut).find(Difficulty::plateau) == nullptr);
    // a validation risk that rises while the training value falls, or that merely shakes
    RunRecord validated = record_of(40, falling, falling);
    for (int k = 0; k < 40; ++k) validated.validation.push_back(1 + std::abs(k - 12) * 0.02);
    const Diagnosis over = diagnose(validated);
    REQUIRE(over.find(Difficulty::overfitting) != nullptr);
    CHECK(over.find(Difficulty::overfitting)->evidence.find("from 1 at iteration 12") !=
          std::string::npos);
    for (double& risk : validated.validation) risk = 1 + 0.05 * random.normal();
    CHECK(diagnose(validated).find(Difficulty::overfitting) == nullptr);

    // what Trace writes is read, validation too
    const Folder folder;
    const std::string path = folder / "trace.jsonl";
    {
        std::ofstream file(path);
        for (int k = 0; k < 40; ++k)
            file << "{\"iteration\":" << k << ",\"epoch\":" << k << ",\"value\":" << falling(k)
                 << ",\"gradient_norm\":1,\"validation\":"
                 << (k == 0 ? std::string("null") : std::to_string(1 + std::abs(k - 12) * 0.02))
                 << ",\"step\":0.1}\n";
    }
    const RunRecord read = read_trace(path);
    CHECK(std::isnan(read.validation[0]));
    CHECK(read.epoch[7] == 7);
    CHECK(diagnose(read).find(Difficulty::overfitting) != nullptr);

    CHECK_THROWS_WITH(diagnose(RunRecord{}), contains("the record is empty"));
    cut.iteration[7] = 3;
    CHECK_THROWS_WITH(diagnose(cut), contains("records of two runs"));
    validated.validation.pop_back();
    CHECK_THROWS_WITH(diagnose(validated), contains("40 iterations, and 39 validation risks"));
    CHECK_THROWS_WITH(diagnose(record_of(9, falling, noise), {.cliff = 1}),
                      contains("DiagnoseOptions.cliff is 1: it must be above 1"));
}

TEST_CASE("a point tells its curvature: with all eigenvalues, or by products") {
    const auto quadratic = [](Index n, double smallest) {
        return SpectrumQuadratic<>(log_spectrum(n, smallest, 1), 1);
    };
    for (const Index n : {20, 300}) {
        INFO(n << " variables");
        const auto good = quadratic(n, 0.1);
        CHECK(diagnose(good, good.start()).healthy());
        const auto bad = quadratic(n, 1e-4);
        const Diagnosis d = diagnose(bad, bad.start());
        REQUIRE(d.find(Difficulty::ill_conditioned) != nullptr);
        // exactly, or by products, which see no smaller eigenvalue than there is
        const double sure = d.find(Difficulty::ill_conditioned)->confidence;
        CHECK(std::abs(sure - 0.95) < (n == 20 ? 1e-6 : 0.01));
        VectorXd spectrum = log_spectrum(n, 0.1, 1);
        spectrum[0] = -0.5;
        const SpectrumQuadratic<> saddle(spectrum, 2);
        CHECK(diagnose(saddle, saddle.start()).find(Difficulty::saddle_point) == nullptr);
        const Diagnosis at = diagnose(saddle, saddle.center());
        REQUIRE(at.findings.size() == 1);
        CHECK(at.findings[0].what == Difficulty::saddle_point);
        CHECK(at.findings[0].confidence == 1);
    }
    const auto f = quadratic(5, 0.1);
    CHECK_THROWS_WITH(diagnose(f, VectorXd(VectorXd::Constant(5, no_number))),
                      contains("not finite"));
    CHECK_THROWS_WITH(diagnose(f, f.start(), {.batch = 3}), contains("no sum over examples"));
    CHECK_THROWS_WITH(diagnose(f, f.start(), {.saddle = 2}),
                      contains("DiagnoseOptions.saddle is 2"));
    CHECK_THROWS_WITH(diagnose(f, Diagnostics()), contains("saw no run"));
    CHECK_THROWS_WITH(Diagnostics({.looks = 2}), contains("DiagnosticsOptions.looks is 2"));
}

TEST_CASE("products that are differences are as symmetric as differences can be") {
    const EmpiricalRisk risk{network(2, dense(3), relu(), dense(3)), SoftmaxCrossEntropy{},
                             spirals({.examples = 60, .classes = 3})};
    const auto f = finite_difference(risk + L2{0.01});
    const auto penalized = finite_difference(risk) + L2{0.01};
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        const VectorXd x = 100 * initialize(risk, He{}, seed);
        CHECK_NOTHROW(diagnose(f, x));
        CHECK_NOTHROW(diagnose(penalized, x));
    }
}

TEST_CASE("a point of a network tells its layers, and what batches of a size would be") {
    const EmpiricalRisk risk{network(2, dense(16), relu(), dense(16), relu(), dense(2)),
                             SoftmaxCrossEntropy{}, spirals({.examples = 200, .turns = 0.5})};
    const VectorXd x = initialize(risk, He{}, 3);
    const Diagnosis d = diagnose(risk, x, {.batch = 32, .step = 0.1});
    CHECK(d.healthy());
    // chance is log 2 of two classes
    CHECK(d.looked_for(Difficulty::bad_initialization) == (risk.value(x) >= 0.9 * std::log(2.0)));
    CHECK(d.looked_for(Difficulty::small_batch));
    CHECK_FALSE(d.looked_for(Difficulty::ill_conditioned));
    CHECK_FALSE(d.looked_for(Difficulty::cliff));
    CHECK(diagnose(risk, VectorXd(30 * x)).find(Difficulty::bad_initialization) != nullptr);
    const Diagnosis zero = diagnose(risk, risk.zero());
    REQUIRE(zero.find(Difficulty::bad_initialization) != nullptr);
    CHECK(zero.find(Difficulty::bad_initialization)->evidence.find("dense1.weights") !=
          std::string::npos);
    const Diagnosis tiny = diagnose(risk, x, {.noise_scale = 0.5, .batch = 1, .step = 100});
    CHECK(tiny.find(Difficulty::small_batch) != nullptr);
    CHECK(tiny.find(Difficulty::noisy_gradient) != nullptr);
    CHECK_THROWS_WITH(diagnose(risk, VectorXd(VectorXd::Zero(3))),
                      contains("x has 3 numbers, and the objective takes"));
    CHECK_THROWS_WITH(diagnose(risk, x, {.batch = 201}), contains("DiagnoseOptions.batch is 201"));
}
