// SPDX-License-Identifier: MIT
#pragma once

#include "task.hpp"

#include <charconv>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

/// What is known of a loss by its name.
struct LossFacts {
    enum class Curve {
        bounded,    ///< smooth: theory names steps
        unbounded,  ///< twice differentiable, but for no constant
        kinked      ///< no second derivative
    };
    std::string_view name;
    bool binary;
    bool multiclass;
    bool regression;
    Curve curve;
    std::string_view option = "";  ///< the number that may stand behind the name
    double usual = 0;

    constexpr bool serves(Task task) const {
        return task == Task::binary ? binary : task == Task::multiclass ? multiclass : regression;
    }
};

inline constexpr LossFacts loss_table[] = {
    {"squared", true, false, true, LossFacts::Curve::bounded},
    {"huber", true, false, true, LossFacts::Curve::bounded, "DELTA", 1},
    {"pseudo_huber", true, false, true, LossFacts::Curve::bounded, "DELTA", 1},
    {"log_cosh", true, false, true, LossFacts::Curve::bounded},
    {"absolute", true, false, true, LossFacts::Curve::kinked},
    {"quantile", false, false, true, LossFacts::Curve::kinked, "TAU", 0.5},
    {"epsilon_insensitive", false, false, true, LossFacts::Curve::kinked, "EPSILON", 0.1},
    {"poisson", false, false, true, LossFacts::Curve::unbounded},
    {"logistic", true, false, false, LossFacts::Curve::bounded},
    {"hinge", true, false, false, LossFacts::Curve::kinked},
    {"squared_hinge", true, false, false, LossFacts::Curve::bounded},
    {"smoothed_hinge", true, false, false, LossFacts::Curve::bounded, "WIDTH", 1},
    {"modified_huber", true, false, false, LossFacts::Curve::bounded},
    {"exponential", true, false, false, LossFacts::Curve::unbounded},
    {"softmax", false, true, false, LossFacts::Curve::bounded},
    {"crammer_singer", false, true, false, LossFacts::Curve::kinked},
};

/// The names of the losses of a task, or of all, as a text.
inline std::string loss_names(std::optional<Task> task = {}) {
    std::string names;
    for (const LossFacts& loss : loss_table) {
        if (task && !loss.serves(*task)) continue;
        names += (names.empty() ? "" : ", ") + std::string(loss.name);
        if (!task && !loss.option.empty()) names += "[:" + std::string(loss.option) + "]";
    }
    return names;
}

/// A loss as `--loss` names it: `huber`, or with its option `huber:1.35`.
struct LossChoice {
    LossFacts facts;
    double option = 0;

    bool is(std::string_view name) const { return facts.name == name; }
    bool smooth() const { return facts.curve == LossFacts::Curve::bounded; }
    bool kinked() const { return facts.curve == LossFacts::Curve::kinked; }

    bool serves(Task task) const { return facts.serves(task); }

    /// Throws std::invalid_argument for a name that is not known, or an option out of its range.
    static LossChoice of(const std::string& text) {
        const std::size_t colon = text.find(':');
        const std::string name = text.substr(0, colon);
        const auto refuse = [&](const std::string& sentence) {
            return std::invalid_argument("--loss " + text + ": " + sentence);
        };
        for (const LossFacts& facts : loss_table) {
            if (facts.name != name) continue;
            if (colon == std::string::npos) return {facts, facts.usual};
            if (facts.option.empty()) throw refuse("this loss has no option");
            const std::string_view word = std::string_view(text).substr(colon + 1);
            const char* const end = word.data() + word.size();
            double number = 0;
            const auto read = std::from_chars(word.data(), end, number);
            if (word.empty() || read.ec != std::errc{} || read.ptr != end || !std::isfinite(number))
                throw refuse("behind the colon stands " + std::string(facts.option) + ", a number");
            if (facts.option == "TAU" ? !(number > 0 && number < 1)
                                      : number < 0 || (number == 0 && facts.option != "EPSILON"))
                throw refuse(facts.option == "TAU" ? "TAU must lie between 0 and 1"
                             : facts.option == "EPSILON"
                                 ? "EPSILON must be 0 or more"
                                 : std::string(facts.option) + " must be more than 0");
            return {facts, number};
        }
        throw refuse("there is no such loss; there are " + loss_names());
    }
};
