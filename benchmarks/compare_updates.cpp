// SPDX-License-Identifier: MIT
// Does an update of the parameters run at the speed of memory? One step of each rule on ten million
// floats, through the verbs of a method as `minimize` calls them, the gradient given. A triad
// a = b + s c over arrays of the same size, taken in turn with it on the same threads, says what
// memory gives, counted at 16 bytes a number (it reads a, too, before it writes it); a rule is
// counted at what it must read and write, 20 bytes for momentum and Lion, 28 for Adam. Beside it
// PyTorch's steps on the same numbers, one tensor or a hundred, in turn, in a process of its own:
// the fastest of its variants counts, as it comes and with malloc told to keep its temporaries.

#include <nlohmann/json.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <ermine/directions/adam.hpp>
#include <ermine/directions/clip_by_norm.hpp>
#include <ermine/directions/clip_by_value.hpp>
#include <ermine/directions/lion.hpp>
#include <ermine/directions/momentum.hpp>
#include <ermine/directions/weight_decay.hpp>
#include <ermine/estimators/full_gradient.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/steps/constant.hpp>

#include "flags.hpp"
#include "report.hpp"
#include "timing.hpp"
#include "torch_child.hpp"

#ifndef ERMINE_TORCH_STEPS
#define ERMINE_TORCH_STEPS "benchmarks/updates/torch_steps.py"  // from the top of the sources
#endif

using namespace ermine;
using Eigen::VectorXf;

namespace {

constexpr Index numbers = 10'000'000;

struct Options {
    bool quick = false;
    std::string json;
    std::string only;  // works whose names contain this
};

/// The function whose gradient is already there, which costs nothing to evaluate.
struct Given {
    double value(const VectorXf&) const { return 0; }

    double value_and_gradient(const VectorXf& x, VectorXf& gradient) const {
        if (!filled_) {
            gradient.resize(x.size());
            for (Index i = 0; i < x.size(); ++i)
                gradient[i] = static_cast<float>(static_cast<double>((i * 6247) % 997) / 498.5 - 1);
            filled_ = true;
        }
        return 0;
    }

private:
    mutable bool filled_ = false;
};

/// A method in the middle of its run.
struct Running {
    std::function<void()> step;
    std::function<float(Index)> point;
};

Running begin(const auto& directions) {
    const auto method = FullGradient{} | directions | Constant{.size = 1e-3};
    const VectorXf start = VectorXf::NullaryExpr(numbers, [](Index i) {
        return static_cast<float>(static_cast<double>((i * 7919) % 1009) / 504.5 - 1);
    });
    const Given f;
    auto state = std::make_shared<decltype(method.start(f, start))>(method.start(f, start));
    return {[method, f, state] {
                if (method.advance(f, *state) != Outcome::advanced) std::abort();
            },
            [state](Index i) { return state->here.x[i]; }};
}

struct Work {
    const char* name;
    const char* contestant;
    double bytes;  // a number
    std::function<Running()> begin;
    double goal_of_peer = 0;  // how many times as fast; 0 where there is none
};

const std::vector<Work>& works() {
    const auto clipped = [] { return begin(ClipByNorm{1} | Momentum{}); };
    const auto chain = [] { return begin(ClipByValue{0.5} | WeightDecay{.rate = 1e-4} | Adam{}); };
    const auto adam = [] { return begin(Adam{}); };
    static const std::vector<Work> all{
        {"momentum/1", "ermine momentum", 20, [] { return begin(Momentum{}); }, 1.3},
        {"adam/1", "ermine adam", 28, adam, 4},
        {"adam/100", "ermine adam", 28, adam, 1.8},
        {"adamw/1", "ermine adamw", 28, [] { return begin(Adam{} | WeightDecay{}); }, 4},
        {"lion", "ermine lion", 20, [] { return begin(Lion{}); }},
        {"clip by value, decay, adam", "ermine clip decay adam", 28, chain},
        {"clip by norm, momentum", "ermine clip momentum", 24, clipped},
    };
    return all;
}

struct Triad {
    VectorXf a = VectorXf::Zero(numbers);
    VectorXf b = VectorXf::Ones(numbers);
    VectorXf c = VectorXf::Ones(numbers);

    void operator()() {
        const Chunks chunks = chunks_for(numbers, 1024);
        for_each_chunk(chunks.count(), [&](Index chunk) {
            const Index at = chunks.begin(chunk);
            const Index size = chunks.end(chunk) - at;
            a.segment(at, size) = b.segment(at, size) + 0.5F * c.segment(at, size);
        });
    }
};

/// What one contestant did on one work.
struct Finish {
    std::string work;
    std::string contestant;
    int threads;
    double seconds;
    std::optional<double> share;     // of the memory's bandwidth
    std::optional<double> accuracy;  // how far from PyTorch's parameters
};

std::vector<Finish> run(const Work& work, int threads, bool quick, Triad& triad) {
    use_threads(threads);
    const Running own = work.begin();
    std::vector<TorchSetting> settings;
    if (work.goal_of_peer > 0) settings = TorchSetting::all(threads);
    std::vector<std::unique_ptr<TorchChild>> children;
    struct Peer {
        TorchChild* child;
        std::string variant;
        std::string name;
        std::vector<double> times = {};
    };
    std::vector<Peer> peers;
    for (const TorchSetting& setting : settings) {
        const std::vector<std::string> arguments{work.name, std::to_string(numbers),
                                                 std::to_string(threads)};
        children.push_back(std::make_unique<TorchChild>(ERMINE_TORCH_STEPS, arguments, setting));
        for (const std::string& variant : children.back()->variants)
            peers.push_back({children.back().get(), variant, "PyTorch " + variant + setting.name});
    }

    std::vector<double> triads;
    std::vector<double> owns;
    const int rounds = quick ? 7 : 31;
    for (int round = 0; round <= rounds; ++round) {
        const double of_triad = seconds(triad);
        const double of_own = seconds(own.step);
        if (round > 0) triads.push_back(of_triad);  // the first meets its memory for the first time
        if (round > 0) owns.push_back(of_own);
        for (Peer& peer : peers) {
            const double of_peer = std::atof(peer.child->ask(peer.variant).front().c_str());
            if (round > 0) peer.times.push_back(of_peer);
        }
    }
    const double bandwidth = 16 * double{numbers} / median(triads);
    const auto share = [&](double time) { return work.bytes * double{numbers} / time / bandwidth; };
    std::vector<Finish> finishes{
        {work.name, work.contestant, threads, median(owns), share(median(owns)), {}}};
    for (const Peer& peer : peers)
        finishes.push_back(
            {work.name, peer.name, threads, median(peer.times), share(median(peer.times)), {}});
    double far = 0;
    for (const auto& child : children)
        for (const std::string& answer : child->ask("points", child->variants.size())) {
            std::istringstream points(answer);  // the first of a variant
            double x = 0;
            for (Index i = 0; points >> x; ++i) far = std::max(far, std::abs(x - own.point(i)));
        }
    if (!children.empty() && !peers.empty()) finishes.front().accuracy = far;
    finishes.push_back({work.name, "triad", threads, median(triads), {}, {}});
    return finishes;
}

void print(const std::vector<Finish>& finishes, const Work& work) {
    for (const Finish& finish : finishes) {
        std::printf("%-28s %-36s %7d %9.2f", finish.work.c_str(), finish.contestant.c_str(),
                    finish.threads, finish.seconds * 1e3);
        if (finish.share)
            std::printf(" %9.2f %7.0f %%", work.bytes * double{numbers} / finish.seconds * 1e-9,
                        *finish.share * 100);
        else
            std::printf(" %9.2f", 16 * double{numbers} / finish.seconds * 1e-9);
        if (finish.accuracy) std::printf("  within %.1g of PyTorch's", *finish.accuracy);
        std::printf("\n");
    }
    std::fflush(stdout);
}

void score(const std::vector<Finish>& finishes, const Work& work,
           std::vector<std::string>& shortfalls) {
    char text[200];
    const Finish& own = finishes.front();
    const double goal = own.threads == 1 ? 0.85 : 0.65;
    if (*own.share < goal) {
        std::snprintf(text, sizeof text,
                      "%s runs at %.0f %% of the bandwidth on %d threads; the goal is %.0f %%",
                      work.name, *own.share * 100, own.threads, goal * 100);
        shortfalls.push_back(text);
    }
    if (own.accuracy && *own.accuracy > 2e-5) {
        std::snprintf(text, sizeof text, "%s is %.1g from PyTorch's parameters", work.name,
                      *own.accuracy);
        shortfalls.push_back(text);
    }
    for (const bool kept : {false, true}) {
        double fastest = 0;
        for (const Finish& finish : finishes)
            if (finish.contestant.starts_with("PyTorch") &&
                finish.contestant.ends_with("memory kept") == kept)
                fastest = fastest > 0 ? std::min(fastest, finish.seconds) : finish.seconds;
        if (fastest == 0) continue;
        const double ratio = fastest / own.seconds;
        std::snprintf(text, sizeof text,
                      "%s takes 1/%.2f of the time of PyTorch's fastest%s on %d "
                      "threads; the goal is 1/%.1f",
                      work.name, ratio, kept ? " with its memory kept" : "", own.threads,
                      work.goal_of_peer);
        std::printf("%s\n", text);
        if (ratio < work.goal_of_peer) shortfalls.push_back(text);
    }
}

void write_json(const std::vector<Finish>& finishes, const std::string& file) {
    nlohmann::json all = nlohmann::json::array();
    const auto number = [](const std::optional<double>& value) {
        return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
    };
    for (const Finish& finish : finishes) {
        auto entry = record(finish.work, finish.contestant);
        entry["threads"] = finish.threads;
        entry["accuracy"] = number(finish.accuracy);
        entry["seconds"] = finish.seconds;
        entry["share_of_limit"] = number(finish.share);
        all.push_back(std::move(entry));
    }
    write_records(all, file);
}

}  // namespace

int main(int count, char** words) {
    Options options;
    if (!Flags{}
             .flag("--quick", options.quick)
             .text("--json", "FILE", options.json)
             .text("--only", "PART-OF-A-NAME", options.only)
             .read(count, words))
        return 2;
    Triad triad;
    std::vector<Finish> all;
    std::vector<std::string> shortfalls;
    std::printf("%-28s %-36s %7s %9s %9s %9s\n", "", "", "threads", "ms", "GB/s", "of triad");
    for (const int threads : {1, 2})
        for (const Work& work : works()) {
            if (std::string(work.name).find(options.only) == std::string::npos) continue;
            const std::vector<Finish> finishes = run(work, threads, options.quick, triad);
            print(finishes, work);
            score(finishes, work, shortfalls);
            all.insert(all.end(), finishes.begin(), finishes.end());
        }
    write_json(all, options.json);
    print_verdict(shortfalls);
}
