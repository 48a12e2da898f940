// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/solvers/status.hpp>

#include <optional>

/// A stop rule that is there or not, as the user of a program decides.
template <class Rule>
struct Maybe {
    std::optional<Rule> rule;

    template <class V>
    auto start(const V& x) const {
        using State = decltype(rule->start(x));
        return rule ? std::optional<State>(rule->start(x)) : std::nullopt;
    }

    template <class State>
    std::optional<ermine::Status> check(const auto& progress, State& state) const {
        return rule ? rule->check(progress, *state) : std::nullopt;
    }

    template <class V, class State>
    const V& keep(const V& own, const State& state) const {
        if constexpr (requires { rule->keep(own, *state); }) {
            if (rule) return rule->keep(own, *state);
        }
        return own;
    }

    template <class State>
    std::optional<double> validation(const State& state) const {
        if constexpr (requires { rule->validation(*state); }) {
            if (rule) return rule->validation(*state);
        }
        return std::nullopt;
    }
};
