// SPDX-License-Identifier: MIT
// How many examples a second does a network learn from? The same network, numbers, batches and
// optimizer (SGD with momentum) as PyTorch's, the contestants in turns, on one thread and on two.
// PyTorch runs as modules and traced, with its updates a tensor at a time and all in one call, with
// malloc as it comes and told to keep its memory, and at two threads with OpenMP's threads waiting
// both ways; the fastest of all counts. A large square product, by Eigen or OpenBLAS, whichever is
// faster in the same run, says what the machine can do: a row's share of it counts the operations
// of the products alone. Two threads count where a bare triad and a bare product reach 1.6 times
// the speed of one.

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "bare_machine.hpp"
#include "fast_blas.hpp"
#include "flags.hpp"
#include "networks/race.hpp"
#include "report.hpp"
#include "table.hpp"

using namespace networks;

namespace {

const std::vector<Work>& works() {
    static const std::vector<Work> all{
        {{784, 256, 10}, 32, 2.2, 0},     {{784, 256, 10}, 64, 2.2, 0},
        {{784, 256, 10}, 256, 1.15, 0},   {{784, 1024, 1024, 10}, 256, 0.97, 0.8},
        {{64, 128, 64}, 32, 1.15, 0, 50},
    };
    return all;
}

void print(const Race& race) {
    Table table({"", "threads", "ms a step", "samples/s", "of a large product", "first losses"});
    for (const Finish& finish : race.finishes)
        table.add({finish.contestant, std::to_string(finish.threads),
                   text("%.3f", finish.seconds * 1e3), text("%.0f", finish.samples()),
                   text("%.0f %%", finish.share * 100), text("%.5f", finish.loss)});
    std::printf("\n%s: a large product runs at %.1f GFLOP/s, by %s\n\n",
                race.finishes.front().work.name().c_str(), race.peak * 1e-9, race.peak_of.c_str());
    table.print();
}

/// What is not reached.
void score(const Race& race, std::vector<std::string>& shortfalls) {
    const Finish& own = race.finishes.front();
    const std::string where = own.work.name() + " on " + std::to_string(own.threads) +
                              (own.threads == 1 ? " thread" : " threads");
    const Finish* fastest = nullptr;
    for (const Finish& finish : race.finishes)
        if (finish.contestant.starts_with("PyTorch") &&
            (fastest == nullptr || finish.seconds < fastest->seconds))
            fastest = &finish;
    if (own.work.of_peak > 0 && own.share < own.work.of_peak)
        shortfalls.push_back(where + " reaches " + text("%.0f %%", own.share * 100) +
                             " of a large product; the goal is " +
                             text("%.0f %%", own.work.of_peak * 100));
    if (fastest == nullptr) return;
    const double ratio = fastest->seconds / own.seconds;
    const std::string sentence = where + " learns from " + text("%.2f", ratio) +
                                 " times the examples of " + fastest->contestant +
                                 "; the goal is " + text("%.2f", own.work.required);
    std::printf("%s\n", sentence.c_str());
    if (ratio < own.work.required) shortfalls.push_back(sentence);
    if (!(std::abs(fastest->loss - own.loss) <= 1e-4))
        shortfalls.push_back(where + " has first losses that are " +
                             text("%.1g", std::abs(fastest->loss - own.loss)) + " from PyTorch's");
}

nlohmann::json records_of(const Race& race) {
    nlohmann::json all = nlohmann::json::array();
    for (const Finish& finish : race.finishes) {
        auto entry = record(finish.work.name(), finish.contestant);
        entry["uses"] = finish.uses;
        entry["threads"] = finish.threads;
        entry["seconds"] = finish.seconds;
        entry["share_of_limit"] = finish.share;
        // How far the first losses are from those of the last contestant, PyTorch's if it is here.
        entry["accuracy"] = std::abs(finish.loss - race.finishes.back().loss);
        all.push_back(std::move(entry));
    }
    return all;
}

}  // namespace

int main(int count, char** words) {
    bool quick = false;
    bool processor_time = false;  // where others use the machine
    std::string json;
    std::string only;  // works whose names contain this
    if (!Flags{}
             .flag("--quick", quick)
             .flag("--processor-time", processor_time)
             .text("--json", "FILE", json)
             .text("--only", "PART-OF-A-NAME", only)
             .read(count, words))
        return 2;
    restart_with_fast_blas(words);
    const BareMachine machine = measure_bare_machine();
    std::printf("OPENBLAS_CORETYPE=%s\n", std::getenv("OPENBLAS_CORETYPE"));
    std::printf(
        "bare: triad %.1f GB/s, on two threads %.2f times that; product in double "
        "%.1f GFLOP/s, on two %.2f times\n",
        machine.triad_one, machine.triad(), machine.product_one, machine.product());
    std::vector<std::string> shortfalls;
    nlohmann::json records = nlohmann::json::array();
    for (const int threads : {1, 2}) {
        Peers peers(threads, processor_time);
        if (!peers.here() && threads == 1) std::printf("python3-torch is not here\n");
        for (const Work& work : works()) {
            if (work.name().find(only) == std::string::npos) continue;
            const Race result = race(work, peers, quick ? 3 : 15, quick ? 0.03 : 0.15);
            print(result);
            if (threads == 1 || machine.has_two_cores()) score(result, shortfalls);
            const nlohmann::json more = records_of(result);
            records.insert(records.end(), more.begin(), more.end());
            std::fflush(stdout);
        }
    }
    if (!machine.has_two_cores())
        std::printf("\nThe machine has no second core to give: two threads don't count.\n");
    write_records(records, json);
    print_verdict(shortfalls);
}
