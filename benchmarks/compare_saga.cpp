// SPDX-License-Identifier: MIT
// How long does SAGA take? Logistic regression with λ = 1/n (C = 1), without an intercept, on a9a,
// ijcnn1 and reuters of ERMINE_DATA_DIR: the seconds to (F − F*)/F* <= 1e-6 by ermine's saga()
// beside scikit-learn's solver saga, one thread each. For each of several seeds it is found out
// first, untimed, in how many epochs either gets there; then both are timed in turns with just so
// many, on the same data, all that `minimize` and `fit` do included.

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/data/read_libsvm.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/objectives/empirical_risk.hpp>
#include <ermine/objectives/l2.hpp>
#include <ermine/objectives/regularized.hpp>
#include <ermine/solvers/max_epochs.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/stochastic_methods.hpp>
#include <ermine/solvers/trust_region_cg.hpp>

#include "flags.hpp"
#include "report.hpp"

#ifndef ERMINE_SAGA_PEER
#define ERMINE_SAGA_PEER "benchmarks/saga/scikit_learn.py"  // from the top of the sources
#endif

using namespace ermine;

namespace {

constexpr double accuracy = 1e-6;
constexpr double goal = 3;  // times as fast

/// A child that fits: a line in, a line out.
class Peer {
public:
    Peer(const std::string& script, const std::string& file) {
        int in[2];
        int out[2];
        if (pipe(in) != 0 || pipe(out) != 0) return;
        const pid_t child = fork();
        if (child == 0) {
            dup2(in[0], 0);
            dup2(out[1], 1);
            for (const int end : {in[0], in[1], out[0], out[1]}) close(end);
            execl(script.c_str(), script.c_str(), file.c_str(), static_cast<char*>(nullptr));
            _exit(1);
        }
        close(in[0]);
        close(out[1]);
        to_ = fdopen(in[1], "w");
        from_ = fdopen(out[0], "r");
        version_ = line();
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer() {
        if (to_ != nullptr) std::fclose(to_);
        if (from_ != nullptr) std::fclose(from_);
    }

    /// Empty where there is no scikit-learn.
    const std::string& version() const { return version_; }

    /// Fits, and returns the seconds; the weights into x.
    double fit(int epochs, int seed, Eigen::VectorXd& x) {
        std::fprintf(to_, "%d %d\n", epochs, seed);
        std::fflush(to_);
        const std::string answer = line();
        char* rest = nullptr;
        const double seconds = std::strtod(answer.c_str(), &rest);
        for (double& number : x) number = std::strtod(rest, &rest);
        return seconds;
    }

private:
    std::FILE* to_ = nullptr;
    std::FILE* from_ = nullptr;
    std::string version_;

    std::string line() {
        std::string text;
        for (int c = std::fgetc(from_); c != EOF && c != '\n'; c = std::fgetc(from_))
            text += static_cast<char>(c);
        return text;
    }
};

double median(std::vector<double> numbers) {
    std::sort(numbers.begin(), numbers.end());
    const std::size_t n = numbers.size();
    return n % 2 == 1 ? numbers[n / 2] : (numbers[n / 2 - 1] + numbers[n / 2]) / 2;
}

struct Figures {
    std::string data;
    std::string peer;
    std::vector<double> own_seconds;
    std::vector<double> peer_seconds;
    std::vector<double> ratios;
    std::vector<double> own_epochs;
    std::vector<double> peer_epochs;
};

std::optional<Figures> race(const std::string& folder, const std::string& name, int seeds,
                            int repetitions) {
    const std::string file = folder + "/libsvm/" + name;
    const auto data = read_libsvm(file);
    const auto f = EmpiricalRisk{Linear{data.features(), false}, LogisticLoss{}, data} +
                   L2{1 / static_cast<double>(data.examples())};
    const auto best = minimize(f, f.zero(), trust_region_cg(),
                               first_of(GradientNorm{1e-12}, MaxIterations{1000}));
    const auto there = [&](const Eigen::VectorXd& x) {
        return f.value(x) <= (1 + accuracy) * best.value;
    };
    Figures figures{name, {}, {}, {}, {}, {}, {}};
    Peer peer(ERMINE_SAGA_PEER, file);
    figures.peer = peer.version();
    Eigen::VectorXd x = f.zero();
    for (int seed = 0; seed < seeds; ++seed) {
        const Saga saga{.seed = static_cast<std::uint64_t>(seed)};
        const auto reached =
            minimize(f, f.zero(), ermine::saga(saga),
                     first_of([&](const auto& p) { return there(p.point()); }, MaxEpochs{1000}));
        if (!there(reached.x)) return std::nullopt;
        int epochs = 0;
        if (!figures.peer.empty()) {
            do {
                peer.fit(++epochs, seed, x);
            } while (!there(x) && epochs < 200);
            if (!there(x)) return std::nullopt;
            figures.peer_epochs.push_back(epochs);
        }
        figures.own_epochs.push_back(reached.epochs);
        for (int k = 0; k < repetitions; ++k) {
            const auto fresh = EmpiricalRisk{Linear{data.features(), false}, LogisticLoss{}, data} +
                               L2{1 / static_cast<double>(data.examples())};
            const auto begin = std::chrono::steady_clock::now();
            const auto result =
                minimize(fresh, fresh.zero(), ermine::saga(saga), MaxEpochs{reached.epochs});
            const std::chrono::duration<double> own = std::chrono::steady_clock::now() - begin;
            if (!there(result.x)) return std::nullopt;
            figures.own_seconds.push_back(own.count());
            if (figures.peer.empty()) continue;
            const double seconds = peer.fit(epochs, seed, x);
            figures.peer_seconds.push_back(seconds);
            figures.ratios.push_back(seconds / own.count());
        }
    }
    return figures;
}

}  // namespace

int main(int count, char** words) {
    bool quick = false;
    std::string json;
    if (!Flags{}.flag("--quick", quick).text("--json", "FILE", json).read(count, words)) return 2;
    const char* const folder = std::getenv("ERMINE_DATA_DIR");
    if (folder == nullptr) {
        std::printf("ERMINE_DATA_DIR is not set, so there is no a9a, ijcnn1 or reuters\n");
        return 0;
    }
#ifdef _OPENMP
    omp_set_num_threads(1);
#endif
    setenv("OMP_NUM_THREADS", "1", 1);
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    std::printf("SAGA to (F - F*)/F* <= %.0e, medians\n", accuracy);
    std::printf("%-16s %10s %10s %14s %14s %8s\n", "data", "epochs", "ms", "sklearn epochs",
                "sklearn ms", "ratio");
    nlohmann::json all = nlohmann::json::array();
    std::vector<std::string> shortfalls;
    for (const char* name : {"a9a.gz", "ijcnn1.trn.gz", "reuters.trn.gz"}) {
        const auto figures = race(folder, name, quick ? 2 : 5, quick ? 3 : 7);
        if (!figures) {
            shortfalls.push_back(std::string(name) + ": the accuracy was not reached");
            continue;
        }
        const double own = median(figures->own_seconds);
        const auto note = [&](const std::string& contestant, double seconds, double epochs) {
            auto entry = record(std::string("saga ") + name, contestant);
            entry["threads"] = 1;
            entry["accuracy"] = accuracy;
            entry["seconds"] = seconds;
            entry["epochs"] = epochs;
            all.push_back(std::move(entry));
        };
        note("ermine", own, median(figures->own_epochs));
        std::printf("%-16s %10.1f %10.1f", name, median(figures->own_epochs), own * 1e3);
        if (figures->peer.empty()) {
            std::printf("   no scikit-learn\n");
            continue;
        }
        const double peer = median(figures->peer_seconds);
        const double ratio = median(figures->ratios);
        note("scikit-learn " + figures->peer, peer, median(figures->peer_epochs));
        std::printf(" %14.1f %14.1f %8.2f\n", median(figures->peer_epochs), peer * 1e3, ratio);
        if (ratio < goal)
            shortfalls.push_back(std::string(name) + ": " + std::to_string(ratio) +
                                 " times as fast as scikit-learn " + figures->peer +
                                 "; the goal is 3");
    }
    write_records(all, json);
    print_verdict(shortfalls);
}
