// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/steps/constant.hpp>
#include <ermine/steps/cosine.hpp>
#include <ermine/steps/exponential.hpp>
#include <ermine/steps/inverse_time.hpp>
#include <ermine/steps/stepwise.hpp>

#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <variant>
#include <vector>

/// A step schedule that is chosen at run time: a step of one's own, made of the library's.
struct StepChoice {
    static constexpr ermine::Role role = ermine::Role::step;
    static constexpr bool searches = false;

    using Schedule = std::variant<ermine::Constant, ermine::InverseTime, ermine::Exponential,
                                  ermine::Stepwise, ermine::Cosine>;
    Schedule schedule;

    struct State {
        std::optional<ermine::Constant::State> constant;
        auto fields() { return std::tie(constant); }
    };

    State start(const auto& f, const auto& x, const auto& estimator) const {
        State state;
        std::visit(
            [&](const auto& step) {
                auto own = step.start(f, x, estimator);
                if constexpr (std::is_same_v<decltype(own), ermine::Constant::State>)
                    state.constant = own;
            },
            schedule);
        return state;
    }

    double length(const ermine::Clock& clock, const State& state) const {
        return std::visit(
            [&]<class S>(const S& step) {
                if constexpr (std::is_same_v<S, ermine::Constant>)
                    return step.length(clock, *state.constant);
                else
                    return step.length(clock, {});
            },
            schedule);
    }

    void note(const State& state, ermine::Notes& notes) const {
        if (state.constant) ermine::Constant{}.note(*state.constant, notes);
    }
};

/// What `--step` asks for.
struct StepRequest {
    enum class Kind { automatic, schedule, natural, backtracking };
    Kind kind = Kind::automatic;
    StepChoice choice = {};
};

inline constexpr const char* step_help =
    "a number, or constant:0.1 | inverse_time:INITIAL[,DECAY] | exponential:INITIAL[,DECAY] | "
    "stepwise:INITIAL[,DECAY[,EPOCHS]] | cosine:INITIAL[,FINAL] | backtracking | 1/L";

/// Reads the text of `--step`. Throws std::invalid_argument if it is none that step_help lists.
/// A cosine ends with the run, after `epochs`.
inline StepRequest parse_step(const std::string& text, double epochs) {
    using Kind = StepRequest::Kind;
    if (text.empty()) return {};
    if (text == "1/L") return {Kind::natural, {ermine::Constant{}}};
    if (text == "backtracking") return {Kind::backtracking};
    const auto refuse = [&] {
        return std::invalid_argument("--step " + text + " is not understood: give " + step_help);
    };
    const std::size_t colon = text.find(':');
    const std::string name = colon == std::string::npos ? "constant" : text.substr(0, colon);
    std::string_view rest =
        std::string_view(text).substr(colon == std::string::npos ? 0 : colon + 1);
    std::vector<double> numbers;
    for (bool more = true; more;) {
        const std::size_t comma = rest.find(',');
        const std::string_view word = rest.substr(0, comma);
        double number = 0;
        const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
        if (word.empty() || error != std::errc{} || end != word.data() + word.size())
            throw refuse();
        numbers.push_back(number);
        more = comma != std::string_view::npos;
        rest = more ? rest.substr(comma + 1) : "";
    }
    const auto at = [&](std::size_t k, double otherwise) {
        return k < numbers.size() ? numbers[k] : otherwise;
    };
    StepChoice choice;
    std::size_t most = 2;
    if (name == "constant") {
        choice.schedule = ermine::Constant{.size = numbers[0]};
        most = 1;
    } else if (name == "inverse_time") {
        const ermine::InverseTime step;
        choice.schedule = ermine::InverseTime{.initial = numbers[0], .decay = at(1, step.decay)};
    } else if (name == "exponential") {
        const ermine::Exponential step;
        choice.schedule = ermine::Exponential{.initial = numbers[0], .decay = at(1, step.decay)};
    } else if (name == "stepwise") {
        const ermine::Stepwise step;
        choice.schedule = ermine::Stepwise{
            .initial = numbers[0], .decay = at(1, step.decay), .every = at(2, step.every)};
        most = 3;
    } else if (name == "cosine") {
        choice.schedule =
            ermine::Cosine{.initial = numbers[0], .final = at(1, 0), .epochs = epochs};
    } else {
        throw refuse();
    }
    if (numbers.size() > most) throw refuse();
    return {Kind::schedule, choice};
}
