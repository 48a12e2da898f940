// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/data/data_error.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ermine {

/// What is known of a run at the iterations that were looked at; NaN where it is not. An observer:
///
///     RunRecord record;
///     minimize(risk, x0, method, rule, record);
///     std::cout << gradient_norm_test(record);
///
/// or read from the file that Trace wrote, by `read_trace`. It keeps six numbers an iteration.
/// Epochs and validation risks may be missing altogether, in records of one's own making.
struct RunRecord {
    std::vector<double> iteration;
    std::vector<double> value;
    std::vector<double> gradient_norm;
    std::vector<double> step;
    std::vector<double> epoch = {};
    std::vector<double> validation = {};  ///< the risk that a stop rule looks at

    [[nodiscard]] std::size_t size() const { return iteration.size(); }

    /// Called by the loop.
    void see(const auto& progress) {
        const auto now = static_cast<double>(progress.iteration());
        if (!iteration.empty() && iteration.back() == now) return;
        iteration.push_back(now);
        value.push_back(progress.value());
        gradient_norm.push_back(progress.gradient_norm_here());
        constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
        step.push_back(now > 0 ? progress.step() : unknown);
        epoch.push_back(progress.epoch());
        validation.push_back(progress.validation.value_or(unknown));
    }

    /// Throws std::invalid_argument unless the lists are as long as each other, and the iterations
    /// increase: two runs in one record are no run.
    void check(const char* who) const {
        if (value.size() != size() || gradient_norm.size() != size() || step.size() != size())
            throw std::invalid_argument(
                std::string(who) + ": the record has " + std::to_string(size()) + " iterations, " +
                std::to_string(value.size()) + " values, " + std::to_string(gradient_norm.size()) +
                " gradient norms and " + std::to_string(step.size()) + " steps");
        for (const std::vector<double>* list : {&epoch, &validation})
            if (!list->empty() && list->size() != size())
                throw std::invalid_argument(std::string(who) + ": the record has " +
                                            std::to_string(size()) + " iterations, and " +
                                            std::to_string(list->size()) +
                                            (list == &epoch ? " epochs" : " validation risks"));
        for (std::size_t k = 1; k < size(); ++k)
            if (!(iteration[k] > iteration[k - 1]))
                throw std::invalid_argument(
                    std::string(who) + ": iteration " +
                    std::to_string(static_cast<std::int64_t>(iteration[k])) + " follows " +
                    std::to_string(static_cast<std::int64_t>(iteration[k - 1])) +
                    ": these are records of two runs, give one at a time");
    }
};

/// The number behind "key": in a line of JSON; NaN where there is none, or null.
inline double number_of(std::string_view line, std::string_view key) {
    constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
    const std::string quoted = '"' + std::string(key) + "\":";
    const std::size_t at = line.find(quoted);
    if (at == std::string_view::npos) return unknown;
    const std::string rest(line.substr(at + quoted.size(), 40));
    char* end = nullptr;
    const double number = std::strtod(rest.c_str(), &end);
    return end == rest.c_str() ? unknown : number;
}

/// Reads a file that Trace wrote. Throws DataError, with the line, where it cannot be read, a line
/// is no line of a trace, or the file holds more than one run.
inline RunRecord read_trace(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw DataError(path, "cannot be read");
    RunRecord record;
    std::string line;
    std::int64_t number = 0;
    while (std::getline(file, line)) {
        ++number;
        if (line.empty()) continue;
        const double iteration = number_of(line, "iteration");
        if (!(iteration >= 0))
            throw DataError(path, number, 0, "no line of a trace: it has no \"iteration\"");
        if (!record.iteration.empty() && !(iteration > record.iteration.back()))
            throw DataError(path, number, 0,
                            "another run begins (its iteration is not larger than that of the "
                            "line before): give a file for each run");
        record.iteration.push_back(iteration);
        record.value.push_back(number_of(line, "value"));
        record.gradient_norm.push_back(number_of(line, "gradient_norm"));
        record.step.push_back(number_of(line, "step"));
        record.epoch.push_back(number_of(line, "epoch"));
        record.validation.push_back(number_of(line, "validation"));
    }
    return record;
}

}  // namespace ermine
