// SPDX-License-Identifier: MIT
// Who is the fastest to fit a linear model, and by how much? On 26 problems without intercept
// (linear/problems.hpp), `ermine auto` is raced against LIBLINEAR's library and scikit-learn to
// relative suboptimality 1e-3, 1e-6 and 1e-9, on one thread and on two.
//
// ermine is asked for the accuracy as a duality gap, and stops by its own proof. A peer has no such
// rule: it is given the setting (LIBLINEAR's -e, scikit-learn's max_iter) with which it is the
// fastest to get there, found beforehand. Each answer is evaluated by the benchmark's own code; the
// minimum is the least value that anyone reached, and counts only with the benchmark's own proof of
// a relative gap of 1e-10. A fit that takes 10 s is ended, and entered as 10 s. Medians of
// contestants that take turns.

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ermine/observers/gnuplot.hpp>

#include "bare_machine.hpp"
#include "fast_blas.hpp"
#include "flags.hpp"
#include "linear/ermine_auto.hpp"
#include "linear/picture.hpp"
#include "linear/problems.hpp"
#include "linear/race.hpp"
#include "report.hpp"
#include "scratch_folder.hpp"
#include "table.hpp"

using namespace linear;

namespace {

/// Three digits, in seconds.
std::string seconds_text(double seconds, bool there) {
    return there ? text("%.3g", seconds) : text("> %g", seconds);
}

double median(std::vector<double> numbers) {
    if (numbers.empty()) return NAN;
    std::sort(numbers.begin(), numbers.end());
    const std::size_t n = numbers.size();
    return n % 2 == 1 ? numbers[n / 2] : std::sqrt(numbers[n / 2 - 1] * numbers[n / 2]);
}

void print_cells(const std::vector<Outcome>& outcomes) {
    Table table({"problem", "accuracy", "threads", "ermine auto, s", "fastest peer", "its setting",
                 "its s", "ratio", "gap / true"});
    for (const Outcome& outcome : outcomes)
        for (const Cell& cell : outcome.cells) {
            const std::string ratio = text("%.2f", cell.ratio());
            const double floor = 1e-13;
            const std::string proof =
                std::isfinite(cell.gap)
                    ? text("%.2g", cell.gap / std::max(cell.suboptimality, floor))
                    : "–";
            table.add({outcome.problem, text("%.0e", cell.accuracy), std::to_string(cell.threads),
                       seconds_text(cell.seconds, cell.solved),
                       cell.peer_solved ? cell.peer.way.name() : "none",
                       cell.peer_solved ? cell.peer.setting() : "–",
                       seconds_text(cell.peer.seconds, cell.peer_solved),
                       !outcome.scored() ? "not scored"
                       : cell.solved     ? (cell.peer_solved ? "" : "> ") + ratio
                                         : "< " + ratio,
                       proof});
        }
    table.print();
}

std::string name_of(const Outcome& outcome, const Cell& cell) {
    return outcome.problem + text(", %.0e", cell.accuracy) +
           (cell.threads == 1 ? ", 1 thread" : ", 2 threads");
}

/// What the issue asks for and is not reached.
std::vector<std::string> shortfalls_of(const std::vector<Outcome>& outcomes, bool two_cores) {
    std::vector<std::string> all;
    for (const int threads : {1, 2}) {
        std::vector<double> ratios;
        for (const Outcome& outcome : outcomes) {
            if (!outcome.scored()) continue;
            for (const Cell& cell : outcome.cells)
                if (cell.threads == threads) ratios.push_back(cell.ratio());
        }
        if (ratios.empty()) continue;
        const auto twice =
            std::count_if(ratios.begin(), ratios.end(), [](double r) { return r >= 2; });
        const auto once =
            std::count_if(ratios.begin(), ratios.end(), [](double r) { return r >= 1; });
        const double share =
            100.0 * static_cast<double>(twice) / static_cast<double>(ratios.size());
        const double middle = median(ratios);
        std::printf(
            "%d thread%s: %zu cells, %td at least as fast as the fastest peer, %td (%.0f %%) at "
            "least twice, median %.2f times, least %.2f\n",
            threads, threads == 1 ? "" : "s", ratios.size(), once, twice, share, middle,
            *std::min_element(ratios.begin(), ratios.end()));
        if (threads == 2 && !two_cores) {
            all.push_back(
                "two threads do not count: bare work gains less than 1.6 from the second");
            continue;
        }
        const double goal = threads == 1 ? 3 : 5;
        const std::string where = threads == 1 ? "one thread" : "two threads";
        if (share < 90)
            all.push_back(where + ": twice the fastest peer in " + text("%.0f", share) +
                          " % of the cells; the goal is 90 %");
        if (middle < goal)
            all.push_back(where + ": a median of " + text("%.2f", middle) + "; the goal is " +
                          text("%.0f", goal));
    }
    for (const Outcome& outcome : outcomes) {
        if (!outcome.scored()) {
            std::string why = outcome.proof <= 1e-10
                                  ? ""
                                  : " the minimum is only proved to " + text("%.1e", outcome.proof);
            for (const std::string& peer : outcome.untried) why += " no time for " + peer + ';';
            all.push_back(outcome.problem + ": not scored," + why);
            continue;
        }
        for (const Cell& cell : outcome.cells) {
            if (cell.threads == 2 && !two_cores) continue;
            if (!cell.solved)
                all.push_back(name_of(outcome, cell) + ": ermine auto did not get there");
            else if (cell.ratio() < 2)
                all.push_back(name_of(outcome, cell) + ": " + text("%.2f", cell.ratio()) +
                              " times as fast as " + cell.peer.way.name() +
                              (cell.ratio() < 1 ? "; slower than a peer" : "; the aim is 2"));
        }
    }
    return all;
}

/// Whether the gaps that the results carry are bounds, and how loose they are.
void judge_gaps(const std::vector<Outcome>& outcomes, std::vector<std::string>& shortfalls) {
    // F itself is known to about this, relatively
    constexpr double rounding = 1e-13;
    double loosest = 0;
    std::string where;
    for (const Outcome& outcome : outcomes) {
        if (!outcome.scored()) continue;
        for (const Cell& cell : outcome.cells) {
            if (!cell.solved) continue;
            if (!std::isfinite(cell.gap)) {
                shortfalls.push_back(name_of(outcome, cell) + ": no certificate");
                continue;
            }
            // below the proof of the minimum itself, the true distance is not known
            if (cell.gap + rounding < cell.suboptimality)
                shortfalls.push_back(name_of(outcome, cell) + ": the gap " +
                                     text("%.2e", cell.gap) + " is no bound on " +
                                     text("%.2e", cell.suboptimality));
            const double factor = cell.gap / std::max(cell.suboptimality, rounding);
            if (factor > loosest) {
                loosest = factor;
                where = name_of(outcome, cell);
            }
            if (factor > 10)
                shortfalls.push_back(name_of(outcome, cell) + ": the gap is " +
                                     text("%.0f", factor) + " times the true suboptimality of " +
                                     text("%.1e", cell.suboptimality) + "; the goal is 10");
        }
    }
    if (!where.empty())
        std::printf("The loosest gap is %.1f times the true suboptimality: %s\n", loosest,
                    where.c_str());
}

nlohmann::json records_of(const std::vector<Outcome>& outcomes, const BareMachine& machine) {
    nlohmann::json all = nlohmann::json::array();
    const auto bare = [&](const char* work, int threads, double amount, const char* unit) {
        auto entry = record(work, "bare machine");
        entry["threads"] = threads;
        entry[unit] = amount;
        all.push_back(std::move(entry));
    };
    bare("triad", 1, machine.triad_one, "gigabytes_per_second");
    bare("triad", 2, machine.triad_two, "gigabytes_per_second");
    bare("product", 1, machine.product_one, "gigaflops");
    bare("product", 2, machine.product_two, "gigaflops");
    for (const Outcome& outcome : outcomes) {
        for (const Cell& cell : outcome.cells) {
            auto own = record(outcome.problem, "ermine auto");
            own["threads"] = cell.threads;
            own["accuracy"] = cell.accuracy;
            own["seconds"] = cell.seconds;
            own["solved"] = cell.solved;
            if (cell.solved) own["suboptimality"] = cell.suboptimality;
            if (std::isfinite(cell.gap)) own["gap"] = cell.gap;
            own["scored"] = outcome.scored();
            own["ratio"] = cell.ratio();
            all.push_back(std::move(own));
            auto peer = record(outcome.problem, cell.peer_solved ? cell.peer.way.name() : "none");
            if (cell.peer_solved) peer["uses"] = cell.peer.setting();
            peer["threads"] = cell.threads;
            peer["accuracy"] = cell.accuracy;
            peer["seconds"] = cell.peer.seconds;
            peer["solved"] = cell.peer_solved;
            all.push_back(std::move(peer));
        }
        for (const Attempt& attempt : outcome.attempts) {
            if (attempt.way.contestant == "ermine auto") continue;
            auto entry = record(outcome.problem, attempt.way.name());
            entry["uses"] = attempt.setting();
            entry["threads"] = attempt.threads;
            entry["seconds"] = attempt.seconds;
            entry["suboptimality"] = outcome.suboptimality(attempt.value);
            all.push_back(std::move(entry));
        }
    }
    return all;
}

}  // namespace

int main(int count, char** words) try {
    bool quick = false;
    bool one_thread = false;
    std::string json;
    std::string picture;
    std::string only;
    if (!Flags{}
             .flag("--quick", quick)
             .flag("--one-thread", one_thread)
             .text("--json", "FILE", json)
             .text("--picture", "FILE.svg", picture)
             .text("--only", "PART-OF-A-NAME", only)
             .read(count, words))
        return 2;
    if (!picture.empty()) ermine::Picture{.path = picture}.check();  // not only after the races
    restart_with_fast_blas(words);
    std::signal(SIGPIPE, SIG_IGN);  // a peer that died is noticed by its silence
    const ScratchFolder scratch;
    const std::string folder = scratch.path;

    std::vector<Outcome> outcomes;
    BareMachine machine{};
    {
        ScikitLearns scikit_learns(folder);
        machine = measure_bare_machine();
        std::printf(
            "ermine auto beside LIBLINEAR and %s, OPENBLAS_CORETYPE=%s\n"
            "Bare machine: triad %.1f and %.1f GB/s on 1 and 2 threads (%.2f times), "
            "product %.0f and %.0f GFLOP/s (%.2f times)\n",
            scikit_learns.one.version().c_str(), std::getenv("OPENBLAS_CORETYPE"),
            machine.triad_one, machine.triad_two, machine.triad(), machine.product_one,
            machine.product_two, machine.product());
        const Effort effort =
            quick ? Effort{.sweep_seconds = 6, .refinements = 0, .few_peers = true} : Effort{};
        Effort chosen = effort;
        chosen.two_threads = !one_thread;
        std::string_view loaded;
        std::optional<Data> data;
        for (const Race& race : races) {
            if (only.empty() ? quick && !race.quick
                             : race.name.find(only) == std::string_view::npos)
                continue;
            if (loaded != race.data) {
                data.reset();
                data = data_of(race.data);
                loaded = race.data;
            }
            const auto begin = std::chrono::steady_clock::now();
            outcomes.push_back(
                linear::race(problem_of(race, *data), chosen, scikit_learns, folder));
            const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
            const Outcome& last = outcomes.back();
            std::fflush(stdout);
            std::fprintf(stderr, "%-24s F* = %.12g, proved to %.1e, %zu attempts, %.0f s\n",
                         last.problem.c_str(), last.optimum, last.proof, last.attempts.size(),
                         seconds.count());
        }
    }
    std::printf("\n");
    print_cells(outcomes);
    std::printf("\n");
    std::vector<std::string> shortfalls = shortfalls_of(outcomes, machine.has_two_cores());
    judge_gaps(outcomes, shortfalls);
    if (!picture.empty()) {
        const std::string why = draw(outcomes, picture);
        std::printf("%s\n",
                    why.empty() ? ("Suboptimality over seconds: " + picture).c_str() : why.c_str());
    }
    write_records(records_of(outcomes, machine), json);
    print_verdict(shortfalls);
} catch (const std::exception& refusal) {
    std::fprintf(stderr, "%s\n", refusal.what());
    return 2;
}
