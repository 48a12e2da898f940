// SPDX-License-Identifier: MIT
// Each difficulty that `diagnose` knows is injected at three severities with three seeds, beside
// healthy runs: docs/diagnose.md holds the matrix that this prints.
#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <ermine/diagnostics/diagnosis.hpp>
#include <ermine/diagnostics/finding.hpp>

#include "ermine_catch.hpp"
#include "trials.hpp"

using namespace ermine;

namespace {

std::vector<Difficulty> all_difficulties() {
    std::vector<Difficulty> all;
    for (std::size_t k = 0; k < difficulties; ++k) all.push_back(static_cast<Difficulty>(k));
    return all;
}

/// Difficulties that the injected one brings with it: no false findings.
std::vector<Difficulty> consequences(Difficulty injected) {
    using enum Difficulty;
    switch (injected) {
        case saddle_point:  // the value stands while the run passes by it
            return {plateau};
        case cliff:  // a wall is curved: steps that are sound beside it are too long on it
            return {exploding_gradient, long_step};
        case long_step:  // thrown out, the gradient grows
            return {exploding_gradient};
        case small_batch:
            return {noisy_gradient};
        case noisy_gradient:
            return {small_batch};
        case vanishing_gradient:  // depth and weights shrink signals as they shrink slopes
        case exploding_gradient:
            return {bad_initialization, dead_units};
        case bad_initialization:  // its ways are these, and zero weights are a saddle point
            return {vanishing_gradient, exploding_gradient, dead_units, saddle_point};
        case dead_units:
            return {vanishing_gradient};
        default:
            return {};
    }
}

bool holds(const std::vector<Difficulty>& list, Difficulty what) {
    return std::find(list.begin(), list.end(), what) != list.end();
}

}  // namespace

TEST_CASE("each difficulty is found where it was injected, and hardly anywhere else") {
    std::vector<Trial> trials = trials_of_functions();
    for (auto& trial : trials_of_linear_models()) trials.push_back(std::move(trial));
    for (auto& trial : trials_of_networks()) trials.push_back(std::move(trial));

    std::array<std::array<int, difficulties + 1>, 3 * difficulties + 1> found{};
    std::array<int, 3 * difficulties + 1> runs{};
    int false_findings = 0;
    int false_in_healthy = 0;
    int looked_for = 0;
    int missed = 0;
    for (const Trial& trial : trials) {
        const std::size_t row = trial.injected ? 3 * static_cast<std::size_t>(*trial.injected) +
                                                     static_cast<std::size_t>(trial.severity - 1)
                                               : 3 * difficulties;
        ++runs[row];
        for (const Difficulty what : all_difficulties()) {
            const Finding* const finding = trial.diagnosis.find(what);
            if (finding != nullptr) ++found[row][static_cast<std::size_t>(what)];
            if (trial.injected == what) {
                if (finding == nullptr && trial.severity > 1) {
                    ++missed;
                    std::ostringstream text;
                    text << trial.diagnosis;
                    WARN("missed: " << trial.name << ", severity " << trial.severity << ", seed "
                                    << trial.seed << "\n"
                                    << text.str());
                }
                continue;
            }
            if (trial.injected && holds(consequences(*trial.injected), what)) continue;
            if (trial.diagnosis.looked_for(what)) ++looked_for;
            if (finding == nullptr) continue;
            ++false_findings;
            if (!trial.injected) ++false_in_healthy;
            WARN("false: " << name_of(what) << " in " << trial.name << ", severity "
                           << trial.severity << ", seed " << trial.seed << ": "
                           << finding->confidence << ", " << finding->evidence);
        }
    }
    std::string table = "| injected | severity | runs |";
    for (const Difficulty what : all_difficulties())
        table += std::string(" ") + name_of(what) + " |";
    table += "\n|---|---|---|";
    for (std::size_t k = 0; k < difficulties; ++k) table += "---|";
    table += '\n';
    for (std::size_t row = 0; row <= 3 * difficulties; ++row) {
        const bool healthy = row == 3 * difficulties;
        table += std::string("| ") +
                 (healthy ? "nothing" : name_of(static_cast<Difficulty>(row / 3))) + " | " +
                 (healthy ? std::string() : std::to_string(row % 3 + 1)) + " | " +
                 std::to_string(runs[row]) + " |";
        for (std::size_t k = 0; k < difficulties; ++k)
            table +=
                found[row][k] == 0 ? std::string(" |") : " " + std::to_string(found[row][k]) + " |";
        table += '\n';
    }
    std::printf("%s\n%d decisions, %d false, %d of them in %d healthy runs\n", table.c_str(),
                looked_for, false_findings, false_in_healthy, runs[3 * difficulties]);
    CHECK(missed == 0);
    CHECK(100 * false_findings <= looked_for);
    CHECK(100 * false_in_healthy <= runs[3 * difficulties]);
    for (std::size_t row = 0; row < 3 * difficulties; ++row) CHECK(runs[row] >= 3);
    CHECK(runs[3 * difficulties] >= 40);
}
