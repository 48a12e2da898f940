// SPDX-License-Identifier: MIT
// How many evaluations does a method need, and does it solve the problem at all? The 35 problems of
// Moré, Garbow & Hillstrom, from the standard start and from ten times it, by ermine's methods and
// by those of dlib, NLopt, libLBFGS, Ceres and GSL at m = 10, each with its tolerances turned off:
// a run is over when the common code (minimizers/problem.hpp) finds it solved, or after 20 000
// evaluations. Then the time to ‖∇f‖∞ <= 1e-8 on chained Rosenbrock functions of 2 to 1000
// variables, all calling the same compiled function.

#include <ermine/observers/gnuplot.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "flags.hpp"
#include "minimizers/contestant.hpp"
#include "minimizers/profile.hpp"
#include "minimizers/races.hpp"
#include "report.hpp"

namespace {

using Kind = Contestant::Kind;

struct Run {
    const Contestant* contestant;
    long evaluations;
    long hessians;
    long products;
    bool solved;
    bool overflowed;
    double value;
    double gradient_norm;
    std::string end;
};

/// A work and how each contestant did.
struct Row {
    std::string work;
    int size;
    std::vector<Run> runs;

    bool overflowed() const { return runs.front().overflowed; }
};

struct Options {
    bool quick = false;
    std::string json;
    std::string picture;
    std::string only;  // works whose names contain this
};

Row run(const Work& work, const std::vector<Contestant>& contestants, bool quick) {
    Row row{work.name, work.size(), {}};
    for (const Contestant& contestant : contestants) {
        if (!contestant.run) continue;
        Problem problem(work, quick ? 5'000 : 20'000);
        const std::string end = contestant.run(problem);
        row.runs.push_back({&contestant, problem.evaluations, problem.hessians, problem.products,
                            problem.solved, problem.overflowed, problem.value,
                            problem.least_gradient, end});
    }
    return row;
}

/// Whether all these runs solved the work, at the same value.
bool agree(const std::vector<const Run*>& runs) {
    double low = std::numeric_limits<double>::infinity();
    double high = -low;
    for (const Run* run : runs) {
        if (!run->solved) return false;
        low = std::min(low, run->value);
        high = std::max(high, run->value);
    }
    return high - low <= 1e-6 * std::max(1.0, std::abs(low));
}

std::vector<const Run*> of_kind(const Row& row, Kind kind) {
    std::vector<const Run*> runs;
    for (const Run& run : row.runs)
        if (run.contestant->kind == kind) runs.push_back(&run);
    return runs;
}

/// The evaluations of all contestants of a kind; a * at a value above the lowest of all, what did
/// not solve in brackets.
void print_table(const std::vector<Row>& rows, Kind kind, const char* title) {
    int width = 0;
    for (const Row& row : rows) width = std::max(width, static_cast<int>(row.work.size()));
    std::printf("\n%s\n%*s", title, width, "");
    const auto heads = of_kind(rows.front(), kind);
    for (const bool first : {true, false}) {
        if (!first) std::printf("\n%*s", width, "");
        for (const Run* run : heads) {
            const std::string& name = run->contestant->name;
            const auto space = name.find(' ');
            const std::string half = first ? name.substr(0, space) : name.substr(space + 1);
            std::printf(" %10.10s", half.c_str());
        }
    }
    std::printf("\n");
    for (const Row& row : rows) {
        std::printf("%-*s", width, row.work.c_str());
        if (row.overflowed()) {
            std::printf(" overflows at the start\n");
            continue;
        }
        double low = std::numeric_limits<double>::infinity();
        for (const Run& run : row.runs)
            if (run.solved) low = std::min(low, run.value);
        for (const Run* run : of_kind(row, kind)) {
            const bool higher = run->value > low + 1e-6 * std::max(1.0, std::abs(low));
            std::string cell = std::to_string(run->evaluations);
            if (kind == Kind::hessian) cell += "+" + std::to_string(run->hessians + run->products);
            if (!run->solved) cell = "(" + cell + ")";
            std::printf(" %10s", (cell + (run->solved && higher ? "*" : "")).c_str());
        }
        std::printf("\n");
    }
}

/// Evaluations over the fewest, in the geometric mean over the works that all of `of` solve alike.
std::map<const Contestant*, double> ratios(const std::vector<Row>& rows,
                                           const std::set<const Contestant*>& of, int& works) {
    std::map<const Contestant*, double> sums;
    works = 0;
    for (const Row& row : rows) {
        std::vector<const Run*> runs;
        for (const Run& run : row.runs)
            if (of.contains(run.contestant)) runs.push_back(&run);
        if (runs.empty() || row.overflowed() || !agree(runs)) continue;
        ++works;
        double fewest = std::numeric_limits<double>::infinity();
        for (const Run* run : runs)
            fewest = std::min(fewest, static_cast<double>(run->evaluations));
        for (const Run* run : runs)
            sums[run->contestant] += std::log(static_cast<double>(run->evaluations) / fewest);
    }
    for (auto& [contestant, sum] : sums) sum = std::exp(sum / works);
    return sums;
}

void note(std::vector<std::string>& shortfalls, bool met, const std::string& sentence) {
    if (!met) shortfalls.push_back(sentence);
}

std::string number(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3g", value);
    return text;
}

void score(const std::vector<Row>& rows, const std::vector<Contestant>& contestants,
           std::vector<std::string>& shortfalls) {
    std::map<const Contestant*, int> solved;
    int works = 0;
    for (const Row& row : rows) {
        if (row.overflowed()) {
            for (const Run& run : row.runs)
                note(shortfalls, !run.contestant->is_ermine() || run.end == "non_finite",
                     row.work + ": " + run.contestant->name + " ends with " + run.end +
                         " where the start overflows");
            continue;
        }
        ++works;
        for (const Run& run : row.runs) solved[run.contestant] += run.solved;
    }

    std::printf("\nErmine's that are not solved:\n");
    for (const Row& row : rows)
        for (const Run& run : row.runs)
            if (run.contestant->is_ermine() && !run.solved && !row.overflowed())
                std::printf("  %-22s %s: %s after %ld evaluations, gradient %.2g\n",
                            run.contestant->name.c_str(), row.work.c_str(), run.end.c_str(),
                            run.evaluations, run.gradient_norm);

    // limited memory: against each other, with and without conjugate gradients
    std::set<const Contestant*> limited;
    std::set<const Contestant*> lbfgs;
    for (const Contestant& contestant : contestants) {
        if (contestant.kind != Kind::limited) continue;
        limited.insert(&contestant);
        if (contestant.name.find("bfgs") != std::string::npos) lbfgs.insert(&contestant);
    }
    int with_cg = 0;
    int without_cg = 0;
    const auto wide = ratios(rows, limited, with_cg);
    const auto narrow = ratios(rows, lbfgs, without_cg);

    std::printf("\n%-22s %8s  %s\n", "", "solved",
                "evaluations / fewest, geometric mean over the works that all solve alike; "
                "(H) with Hessians");
    std::printf("%-22s %8s %12s %12s\n", "", ("of " + std::to_string(works)).c_str(),
                ("L-BFGS, " + std::to_string(without_cg)).c_str(),
                ("and CG, " + std::to_string(with_cg)).c_str());
    const auto cell = [](const auto& map, const Contestant* contestant) {
        const auto found = map.find(contestant);
        return found == map.end() ? std::string() : number(found->second);
    };
    int most_of_peers = 0;
    int most_of_limited_peers = 0;
    for (const Contestant& contestant : contestants) {
        if (!contestant.run) continue;
        const bool hessian = contestant.kind == Kind::hessian;
        std::printf("%-22s %8d %12s %12s\n", (contestant.name + (hessian ? " (H)" : "")).c_str(),
                    solved[&contestant], cell(narrow, &contestant).c_str(),
                    cell(wide, &contestant).c_str());
        if (contestant.is_ermine()) continue;
        most_of_peers = std::max(most_of_peers, solved[&contestant]);
        if (contestant.kind == Kind::limited)
            most_of_limited_peers = std::max(most_of_limited_peers, solved[&contestant]);
    }

    for (const Contestant& contestant : contestants) {
        const int own = solved[&contestant];
        if (contestant.name == "ermine lbfgs") {
            note(shortfalls, own >= most_of_limited_peers,
                 "ermine lbfgs solves " + std::to_string(own) + ", a peer of limited memory " +
                     std::to_string(most_of_limited_peers));
            for (const auto* map : {&narrow, &wide}) {
                const auto found = map->find(&contestant);
                note(shortfalls, found != map->end() && found->second <= 1.15,
                     "ermine lbfgs takes " + number(found == map->end() ? NAN : found->second) +
                         " of the fewest evaluations" +
                         (map == &wide ? ", conjugate gradients among them" : "") +
                         "; the goal is 1.15");
            }
        }
        if (contestant.name == "ermine default") {
            note(shortfalls, own >= most_of_peers,
                 "ermine default (" + std::string(contestant.uses()) + ") solves " +
                     std::to_string(own) + ", a peer " + std::to_string(most_of_peers));
            if (contestant.kind != Kind::hessian) continue;
            for (const Row& row : rows)
                for (const Run& run : row.runs)
                    note(shortfalls,
                         run.contestant != &contestant || run.solved || row.overflowed() ||
                             row.size > 100,
                         "ermine default with Hessians does not solve " + row.work);
        }
    }
}

/// The fastest of a field at n, or nothing.
template <class Is>
const Finish* fastest(const std::vector<Finish>& finishes, int n, const Is& is) {
    const Finish* best = nullptr;
    for (const Finish& finish : finishes)
        if (finish.n == n && finish.gradient_norm <= Problem::tolerance && is(*finish.contestant) &&
            (!best || finish.seconds < best->seconds))
            best = &finish;
    return best;
}

void score_races(const std::vector<Finish>& finishes, std::vector<std::string>& shortfalls) {
    std::printf("\n");
    for (const int n : {2, 10, 100, 1000}) {
        const double goal = n <= 10 ? 0.8 : 0.5;
        const Finish* peer =
            fastest(finishes, n, [](const Contestant& c) { return !c.is_ermine(); });
        if (!peer) continue;
        for (const char* name : {"ermine lbfgs", "ermine lbfgs fixed", "ermine bfgs"}) {
            const Finish* own =
                fastest(finishes, n, [&](const Contestant& c) { return c.name == name; });
            if (!own) continue;
            const double ratio = own->seconds / peer->seconds;
            const std::string sentence = std::string(name) + " takes " + number(ratio) +
                                         " of the time of " + peer->contestant->name +
                                         " at n = " + std::to_string(n) + "; the goal is " +
                                         number(goal);
            std::printf("%s\n", sentence.c_str());
            note(shortfalls, ratio <= goal || !std::strcmp(name, "ermine bfgs"), sentence);
        }
    }
}

bool draw(const std::vector<Row>& rows, const std::string& file) {
    std::vector<Panel> panels{{"Limited memory, gradients alone", {}},
                              {"Any memory, gradients alone", {}},
                              {"With Hessians, which are counted, too", {}}};
    for (std::size_t k = 0; k < rows.front().runs.size(); ++k) {
        const Contestant& contestant = *rows.front().runs[k].contestant;
        if (!contestant.run) continue;
        Costs costs{contestant.name, {}};
        for (const Row& row : rows) {
            const Run& run = row.runs[k];
            costs.costs.push_back(
                run.solved ? static_cast<double>(run.evaluations + run.hessians + run.products)
                           : std::numeric_limits<double>::infinity());
        }
        panels[static_cast<std::size_t>(contestant.kind)].contestants.push_back(costs);
        // the best of the first panel's peers, to compare with
        if (contestant.name == "liblbfgs more-thuente") panels[1].contestants.push_back(costs);
    }
    return draw_profiles(panels, file);
}

nlohmann::json record_of(const std::string& work, const Contestant& contestant) {
    auto entry = record(work, contestant.name);
    entry["uses"] = contestant.uses();
    entry["threads"] = 1;
    return entry;
}

void write_json(const std::vector<Row>& rows, const std::vector<Finish>& finishes,
                const std::string& file) {
    nlohmann::json all = nlohmann::json::array();
    const auto finite = [](double value) {
        return std::isfinite(value) ? nlohmann::json(value) : nlohmann::json(nullptr);
    };
    for (const Row& row : rows)
        for (const Run& run : row.runs) {
            auto it = record_of(row.work, *run.contestant);
            it["accuracy"] = finite(run.gradient_norm);
            it["evaluations"] = run.evaluations;
            it["hessians"] = run.hessians;
            it["hessian_products"] = run.products;
            it["solved"] = run.solved;
            it["value"] = finite(run.value);
            it["end"] = run.end;
            all.push_back(std::move(it));
        }
    for (const Finish& finish : finishes) {
        auto it = record_of("time on chained rosenbrock n=" + std::to_string(finish.n),
                            *finish.contestant);
        it["accuracy"] = finite(finish.gradient_norm);
        it["seconds"] = finish.seconds;
        it["evaluations"] = finish.evaluations;
        it["solved"] = finish.gradient_norm <= Problem::tolerance;
        it["value"] = finite(finish.value);
        all.push_back(std::move(it));
    }
    write_records(all, file);
}

}  // namespace

int main(int count, char** words) {
    Options options;
    bool no_races = false;
    if (!Flags{}
             .flag("--quick", options.quick)
             .text("--json", "FILE", options.json)
             .text("--picture", "FILE.svg", options.picture)
             .flag("--no-races", no_races)
             .text("--only", "PART-OF-A-NAME", options.only)
             .read(count, words))
        return 2;
    try {  // now, and not after the races
        if (!options.picture.empty()) ermine::Picture{.path = options.picture}.check();
    } catch (const std::invalid_argument& refusal) {
        std::fprintf(stderr, "--picture: %s\n", refusal.what());
        return 2;
    }
    std::vector<Contestant> contestants;
    for (const auto& part :
         {ermine_contestants(), ermine_newton_contestants(), ermine_trust_region_contestants(),
          dlib_contestants(), nlopt_contestants(), liblbfgs_contestants(), ceres_contestants(),
          gsl_contestants()})
        contestants.insert(contestants.end(), part.begin(), part.end());

    std::vector<Row> rows;
    for (const Work& work : more_garbow_hillstrom_works())
        if (work.name.find(options.only) != std::string::npos)
            rows.push_back(run(work, contestants, options.quick));
    std::vector<std::string> shortfalls;
    if (!rows.empty()) {
        print_table(rows, Kind::limited,
                    "Evaluations, limited memory; (unsolved), * at a higher minimum than another");
        print_table(rows, Kind::gradient, "Evaluations, any memory");
        print_table(rows, Kind::hessian, "Evaluations + Hessians or products with them");
        score(rows, contestants, shortfalls);
        if (!options.picture.empty())
            std::printf(
                draw(rows, options.picture) ? "\nProfiles: %s\n" : "\nNo gnuplot: %s is not made\n",
                options.picture.c_str());
    }
    std::vector<Finish> finishes;
    if (!no_races) {
        finishes = race(contestants, options.quick);
        score_races(finishes, shortfalls);
    }
    write_json(rows, finishes, options.json);
    print_verdict(shortfalls);
}
