// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

/// What one contestant did on one work, with the fields that the records of all benchmarks have;
/// those that are not set are null.
inline nlohmann::json record(const std::string& work, const std::string& contestant) {
    return {{"work", work},           {"contestant", contestant}, {"uses", nullptr},
            {"threads", nullptr},     {"accuracy", nullptr},      {"seconds", nullptr},
            {"evaluations", nullptr}, {"solved", nullptr},        {"share_of_limit", nullptr}};
}

/// Writes the records to a file; to none if its name is empty.
inline void write_records(const nlohmann::json& records, const std::string& file) {
    if (!file.empty()) std::ofstream(file) << records.dump(1) << '\n';
}

/// The end of each benchmark: what was not reached, a sentence each.
inline void print_verdict(const std::vector<std::string>& shortfalls) {
    std::printf(shortfalls.empty() ? "\nNothing falls short.\n" : "\nFalls short:\n");
    for (const std::string& sentence : shortfalls) std::printf("  %s\n", sentence.c_str());
}
