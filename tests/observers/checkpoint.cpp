// SPDX-License-Identifier: MIT
// A run that was saved, stopped or killed and resumed ends with the bytes of one that was not; a
// file that is not its own is refused, and left as it is.
#include "ermine_catch.hpp"
#include "goes_on.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>

#ifdef _OPENMP
#include <omp.h>
#endif
#if __has_include(<sys/wait.h>)
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#endif

#include <ermine/data/curriculum.hpp>
#include <ermine/data/importance.hpp>
#include <ermine/data/logistic_data.hpp>
#include <ermine/data/sparse_power_law.hpp>
#include <ermine/data/stratified.hpp>
#include <ermine/directions/adam.hpp>
#include <ermine/directions/amsgrad.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/estimators/accumulated.hpp>
#include <ermine/estimators/growing_minibatch.hpp>
#include <ermine/estimators/held.hpp>
#include <ermine/estimators/katyusha.hpp>
#include <ermine/estimators/loopless_svrg.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/estimators/norm_test_minibatch.hpp>
#include <ermine/estimators/saga.hpp>
#include <ermine/estimators/svrg.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/zero_one.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/box.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/objectives/rosenbrock.hpp>
#include <ermine/observers/checkpoint.hpp>
#include <ermine/solvers/cma_es.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/lbfgsb.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/multi_start.hpp>
#include <ermine/solvers/nelder_mead.hpp>
#include <ermine/solvers/owl_qn.hpp>
#include <ermine/solvers/patience.hpp>
#include <ermine/solvers/resume.hpp>
#include <ermine/solvers/trust_region.hpp>
#include <ermine/solvers/uniform_starts.hpp>
#include <ermine/steps/constant.hpp>
#include <ermine/steps/cosine.hpp>
#include <ermine/steps/reduce_on_plateau.hpp>
#include <ermine/tails/lookahead.hpp>
#include <ermine/tails/nesterov.hpp>
#include <ermine/tails/stochastic_weight_average.hpp>

using namespace ermine;
using Eigen::VectorXd;

namespace {

const auto& dense() {
    static const auto data = logistic_data({.examples = 300, .features = 8, .seed = 5}).data;
    static const auto f = EmpiricalRisk{Linear{8}, LogisticLoss{}, data} + L2{1e-2};
    return f;
}

const VectorXd& scores() {
    static const VectorXd s = VectorXd::LinSpaced(300, 1, 2);
    return s;
}

auto trained() {
    return Minibatch{.size = 64} | ClipByNorm{1} | Momentum{} |
           Cosine{.initial = 0.3, .epochs = 100} | Lookahead{};
}

}  // namespace

TEST_CASE("minibatch runs go on with the same bytes") {
    const auto& f = dense();
    const VectorXd x0 = f.zero();
    const auto step = Constant{0.05};
    goes_on("clip, momentum, cosine, lookahead", f, x0, trained(), 13, 40);
    goes_on("amsgrad, SWA", f, x0,
            Minibatch{.size = 16} | AMSGrad{} | step | StochasticWeightAverage{}, 30, 70);
    goes_on("adam on a plateau", f, x0,
            Minibatch{.size = 50} | Adam{} | ReduceOnPlateau{.initial = 0.1}, 25, 60);
    goes_on("growing", f, x0, growing_minibatch(ShuffledEachEpoch{}) | step, 33, 70);
    goes_on("norm test", f, x0, norm_test_minibatch(ShuffledEachEpoch{}) | step, 17, 50);
    goes_on("held", f, x0, held(Minibatch{.size = 32}, {.steps = 7}) | step, 10, 30);
    goes_on("accumulated", f, x0, Accumulated{} | step, 5, 20);
    goes_on("importance", f, x0, minibatch(Importance(scores()), {.size = 32}) | step, 5, 20);
    goes_on("curriculum", f, x0, minibatch(Curriculum(scores()), {.size = 32}) | step, 15, 50);
    goes_on(
        "stratified", f, x0,
        minibatch(Stratified((scores().array() > 1.5).cast<double>().eval()), {.size = 32}) | step,
        15, 50);
}

TEST_CASE("variance reduction goes on with the same bytes") {
    const auto& f = dense();
    goes_on("saga by sweeps", f, f.zero(), Saga{} | Constant{}, 3, 9);
    goes_on("saga step by step", f, f.zero(), Saga{} | Momentum{} | Constant{0.01}, 77, 200);
    goes_on("svrg", f, f.zero(), Svrg{} | Constant{}, 5, 12);
    goes_on("loopless svrg", f, f.zero(), LooplessSvrg{} | Constant{}, 5, 12);
    goes_on("katyusha", f, f.zero(), Katyusha{} | Constant{}, 5, 12);
    const auto words = sparse_power_law({.examples = 200, .features = 50, .words = 8}).data;
    const auto sparse = EmpiricalRisk{Linear{50}, LogisticLoss{}, words} + L1{1e-3};
    goes_on("saga, sparse, L1", sparse, sparse.zero(), Saga{} | Constant{}, 3, 9);
    goes_on("owl-qn", sparse, sparse.zero(), OWLQN{}, 4, 9);
}

TEST_CASE("runs on all examples go on with the same bytes") {
    const Rosenbrock f;
    VectorXd x0(4);
    x0 << -1.2, 1, -0.5, 2;
    const VectorXd two = x0.head(2);
    goes_on("lbfgs", f, x0, lbfgs(), 12, 25);
    goes_on("newton", f, x0, newton(), 5, 12);
    goes_on("nesterov", f, x0, FullGradient{} | Constant{1e-4} | Nesterov{}, 50, 120);
    goes_on("trust region", f, x0, trust_region(), 5, 12);
    goes_on("nelder-mead", f, x0, NelderMead{}, 60, 150);
    goes_on("cma-es", f, x0, CmaEs{}, 40, 90);
    goes_on("lbfgsb", f + Box{.lower = -2, .upper = 0.8}, x0, LBFGSB{}, 5, 9);
    goes_on("many starts", f, two, multi_start(lbfgs(), UniformStarts{.count = 4}), 50, 90);
}

TEST_CASE("patience goes on waiting, with the best point that it keeps") {
    const auto& f = dense();
    const auto held_out = logistic_data({.examples = 200, .features = 8, .seed = 6}).data;
    const EmpiricalRisk target{Linear{8}, ZeroOneLoss{}, held_out};
    goes_on("patience", f, f.zero(), Minibatch{.size = 50} | Constant{1.0}, 14, 300,
            first_of(patience(target, {.epochs = 6}), GradientNorm{1e-12}));
}

TEST_CASE("a checkpoint that is not this run's is refused and left as it is") {
    const Folder folder;
    const std::string path = folder / "run.ckpt";
    const auto& f = dense();
    const VectorXd x0 = f.zero();
    const auto method = Minibatch{.size = 64} | Constant{0.1};
    const auto save = [&] {
        Checkpoint checkpoint(path, at_the_end);
        (void)minimize(f, x0, method, MaxIterations{5}, checkpoint);
    };
    save();
    const std::string good = content(path);
    const auto refused = [&](const auto& objective, const auto& from, const auto& by,
                             const auto& stop, const std::string& sentence) {
        const std::string before = content(path);
        std::string what;
        try {
            (void)minimize(objective, from, by, stop);
        } catch (const DataError& error) {
            what = error.what();
        }
        INFO(what);
        CHECK(what.starts_with(path));
        CHECK(what.find(sentence) != std::string::npos);
        CHECK(content(path) == before);
    };
    const auto from = resume(path, x0);
    const auto stop = MaxIterations{9};
    refused(f, from, Minibatch{.size = 64} | Momentum{} | Constant{0.1}, stop, "of the method");
    refused(f, from, method, MaxEpochs{9}, "of the stop rule");
    const auto other = logistic_data({.examples = 300, .features = 8, .seed = 7}).data;
    refused(EmpiricalRisk{Linear{8}, LogisticLoss{}, other} + L2{1e-2}, from, method, stop,
            "of another objective");
    const auto same = logistic_data({.examples = 300, .features = 8, .seed = 5}).data;
    const EmpiricalRisk unpenalized{Linear{8}, LogisticLoss{}, same};
    CHECK_NOTHROW(minimize(unpenalized + L2{1e-2}, from, method, stop));
    refused(unpenalized + L2{2e-2}, from, method, stop, "of another objective");
    refused(unpenalized + L1{1e-2}, from, method, stop, "of another objective");
    const auto fewer = logistic_data({.examples = 299, .features = 8, .seed = 5}).data;
    refused(EmpiricalRisk{Linear{8}, LogisticLoss{}, fewer} + L2{1e-2}, from, method, stop,
            "of 300 examples, and this run has 299");
    const auto wider = logistic_data({.examples = 300, .features = 9, .seed = 5}).data;
    const auto wide = EmpiricalRisk{Linear{9}, LogisticLoss{}, wider} + L2{1e-2};
    refused(wide, resume(path, wide.zero()), method, stop, "of 9 parameters, and this run has 10");

    const auto spoil = [&](const std::string& bytes) {
        std::ofstream(path, std::ios::binary) << bytes;
        bool refusal = false;
        try {
            (void)ArchiveReader::open(path);
        } catch (const DataError&) {
            refusal = true;
        }
        return refusal;
    };
    for (std::size_t at = 0; at < good.size(); ++at) {
        std::string bad = good;
        bad[at] = static_cast<char>(bad[at] ^ (1 << at % 8));
        if (!spoil(bad)) FAIL("a flipped bit at byte " << at << " was not seen");
    }
    for (std::size_t size = 0; size < good.size(); size += size < 64 ? 1 : 97)
        if (!spoil(good.substr(0, size))) FAIL("a cut to " << size << " bytes was not seen");
    CHECK(spoil(good + "x"));
    spoil("iteration,value\n1,2\n");
    CHECK_THROWS_AS(Checkpoint(path), DataError);
    CHECK(content(path) == "iteration,value\n1,2\n");
    refused(f, from, method, stop, "no checkpoint");
    spoil(good.substr(0, good.size() - 9));
    CHECK_NOTHROW(Checkpoint(path));
    refused(f, from, method, stop, "truncated");
    std::string bad = good;
    bad[good.size() / 2] = static_cast<char>(bad[good.size() / 2] ^ 4);
    spoil(bad);
    refused(f, from, method, stop, "damaged");
    bad = good;
    bad[12] = 2;
    spoil(bad);
    refused(f, from, method, stop, "format 2");
}

TEST_CASE("a checkpoint that cannot be written leaves the run and the one before alone") {
    const auto& f = dense();
    CHECK_THROWS_AS(Checkpoint("/no/such/folder/run.ckpt"), DataError);
    CHECK_THROWS_AS(Checkpoint("run.ckpt", {.seconds = -1}), std::invalid_argument);
    CHECK_THROWS_AS(Checkpoint("run.ckpt", {.iterations = -1}), std::invalid_argument);
    const std::filesystem::path place = std::filesystem::temp_directory_path() / "ermine-gone";
    std::filesystem::create_directory(place);
    Checkpoint checkpoint((place / "run.ckpt").string(), {.seconds = 0});
    std::filesystem::remove_all(place);
    const auto method = Minibatch{.size = 64} | Constant{0.1};
    const auto result = minimize(f, f.zero(), method, MaxIterations{5}, checkpoint);
    CHECK(result.iterations == 5);
    CHECK(same_bytes(result.x, minimize(f, f.zero(), method, MaxIterations{5}).x));
    CHECK_THROWS_AS(checkpoint.close(), DataError);
    CHECK_NOTHROW(checkpoint.close());
}

#if __has_include(<sys/wait.h>) && defined(__linux__)

namespace {

constexpr MaxIterations long_run{1500};

}  // namespace

// The child of the test below.
TEST_CASE("a training that is to be killed", "[.killed]") {
    Checkpoint checkpoint(std::getenv("ERMINE_CHECKPOINT"), {.seconds = 0});
    (void)minimize(dense(), dense().zero(), trained(), long_run, checkpoint);
}

TEST_CASE("a training killed at ten moments is resumed to the same bytes") {
    const auto whole = minimize(dense(), dense().zero(), trained(), long_run);
    Random random(11);
    for (int k = 0; k < 10; ++k) {
        const Folder folder;
        const std::string path = folder / "run.ckpt";
        const ::useconds_t moment = static_cast<::useconds_t>(random.below(250000));
        const pid_t child = ::fork();
        if (child == 0) {
            ::setenv("ERMINE_CHECKPOINT", path.c_str(), 1);
            ::execl("/proc/self/exe", "killed", "[.killed]", static_cast<char*>(nullptr));
            ::_exit(127);
        }
        REQUIRE(child > 0);
        for (int wait = 0; wait < 60000 && !std::filesystem::exists(path); ++wait) ::usleep(1000);
        ::usleep(moment);
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        const bool clean = WIFSIGNALED(status) || (WIFEXITED(status) && WEXITSTATUS(status) == 0);
        REQUIRE(clean);
        REQUIRE(ArchiveReader::open(path));  // throws if it cannot be read
        for (const int threads : {1, 2}) {
#ifdef _OPENMP
            const int before = omp_get_max_threads();
            omp_set_num_threads(threads);
#endif
            const auto r = minimize(dense(), resume(path, dense().zero()), trained(), long_run);
            INFO("killed after " << moment << " us, resumed on " << threads << " threads");
            CHECK(same_bytes(whole.x, r.x));
#ifdef _OPENMP
            omp_set_num_threads(before);
#endif
        }
    }
}

#endif
