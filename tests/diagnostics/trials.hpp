// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/diagnostics/diagnosis.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// A run with a known difficulty, or with none, and what was found.
struct Trial {
    std::string name;
    std::optional<ermine::Difficulty> injected;  ///< none: healthy
    int severity = 0;                            ///< 1, 2, 3
    std::uint64_t seed = 0;
    ermine::Diagnosis diagnosis;
};

std::vector<Trial> trials_of_functions();
std::vector<Trial> trials_of_linear_models();
std::vector<Trial> trials_of_networks();
