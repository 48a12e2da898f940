// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/diagnostics/diagnose.hpp>
#include <ermine/solvers/minimize.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// A run with a known difficulty, or with none, and what was found.
struct Trial {
    std::string name;
    std::optional<ermine::Difficulty> injected;  ///< none: healthy
    int severity = 0;                            ///< 1, 2, 3
    std::uint64_t seed = 0;
    ermine::Diagnosis diagnosis;
    ermine::Diagnosis by_record;  ///< of the record of the run alone
};

/// What a run was found to have, with all that was watched and by its record alone.
struct Found {
    ermine::Diagnosis diagnosis;
    ermine::Diagnosis by_record;
};

inline Trial injected(ermine::Difficulty what, int severity, std::uint64_t seed, Found found) {
    return {name_of(what),
            what,
            severity,
            seed,
            std::move(found.diagnosis),
            std::move(found.by_record)};
}

/// A run that is watched, and looked into.
template <class F, class V, class Method, class Rule>
Found watched(const F& f, const V& x0, const Method& method, const Rule& rule) {
    ermine::Diagnostics watch;
    (void)ermine::minimize(f, x0, method, rule, watch);
    return {ermine::diagnose(f, watch), ermine::diagnose(watch.record())};
}

std::vector<Trial> trials_of_functions(std::uint64_t seed);
std::vector<Trial> trials_of_linear_models(std::uint64_t seed);
std::vector<Trial> trials_of_networks(std::uint64_t seed);
