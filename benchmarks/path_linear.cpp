// SPDX-License-Identifier: MIT
// Does a regularization path cost little more than its hardest fit, and cross-validation little
// more than a fit? For six problems: the seconds of `ermine auto` from 0 at the least λ of the path
// of 100 (λmax to 1e-3 λmax, gap 1e-6, one thread), those of the path, and the ratio, which should
// be at most 5; then 5-fold cross-validation on two threads at that λ alone beside the fit on one,
// at most 3 times. Medians of three where a fit takes less than a second.

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include "flags.hpp"
#include "linear/path_costs.hpp"
#include "linear/problems.hpp"
#include "report.hpp"
#include "table.hpp"

using namespace linear;

namespace {

struct Work {
    const char* name;
    const char* data;
    Loss loss;
    Penalty penalty;
    bool quick;
};

constexpr Work works[] = {
    {"a9a l1", "a9a", Loss::logistic, Penalty::l1, true},
    {"reuters l1", "reuters", Loss::logistic, Penalty::l1, true},
    {"california lasso", "california", Loss::squared, Penalty::l1, true},
    {"sparse l1", "sparse", Loss::logistic, Penalty::l1, false},
    {"mnist l1", "mnist", Loss::logistic, Penalty::l1, false},
    {"a9a l2", "a9a", Loss::logistic, Penalty::l2, true},
};

}  // namespace

int main(int count, char** words) try {
    bool quick = false;
    std::string json;
    if (!Flags{}.flag("--quick", quick).text("--json", "FILE", json).read(count, words)) return 2;
    nlohmann::json records = nlohmann::json::array();
    std::vector<std::string> shortfalls;
    Table table({"problem", "least λ", "weights", "hardest fit, s", "path, s", "ratio", "unsolved",
                 "5 folds, s", "ratio"});
    for (const Work& work : works) {
        if (quick && !work.quick) continue;
        const Problem problem{work.name, work.loss, work.penalty, 0, data_of(work.data)};
        const PathCosts costs = path_costs(problem, quick ? 20 : 100);
        const double path = costs.path / costs.fit;
        const double folds = costs.folds / costs.fit;
        table.add({work.name, text("%.2e", costs.lambda), std::to_string(costs.nonzeros),
                   text("%.3g", costs.fit), text("%.3g", costs.path), text("%.1f", path),
                   std::to_string(costs.unsolved), text("%.3g", costs.folds), text("%.1f", folds)});
        for (const auto& [what, seconds] :
             {std::pair{"hardest fit", costs.fit}, std::pair{"path", costs.path},
              std::pair{"5 folds", costs.folds}}) {
            auto entry = record(std::string(work.name) + ", " + what, "ermine auto");
            entry["threads"] = std::string(what) == "5 folds" ? 2 : 1;
            entry["accuracy"] = 1e-6;
            entry["seconds"] = seconds;
            records.push_back(std::move(entry));
        }
        const std::string name = work.name;
        if (!(path <= 5))
            shortfalls.push_back(name + ": the path costs " + text("%.1f", path) +
                                 " times its hardest fit; the goal is 5");
        if (!(folds <= 3))
            shortfalls.push_back(name + ": 5 folds on two threads cost " + text("%.1f", folds) +
                                 " times a fit on one; the goal is 3");
        if (costs.unsolved > 0)
            shortfalls.push_back(name + ": " + std::to_string(costs.unsolved) +
                                 " points of the path have no gap of 1e-6");
    }
    table.print();
    write_records(records, json);
    print_verdict(shortfalls);
} catch (const std::exception& refusal) {
    std::fprintf(stderr, "%s\n", refusal.what());
    return 2;
}
