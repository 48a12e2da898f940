// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/solvers/callable_rule.hpp>
#include <ermine/solvers/status.hpp>

#include <optional>
#include <tuple>
#include <utility>

namespace ermine {

/// Stops as soon as one of several rules says so, and reports the first in the order of their
/// writing. Every rule is asked each time: one that counts epochs must not miss any.
template <class... Rules>
struct FirstOf {
    std::tuple<Rules...> rules;

    template <class V>
    auto start(const V& x) const {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return std::tuple{std::get<I>(rules).start(x)...};
        }(std::index_sequence_for<Rules...>{});
    }

    template <class States>
    std::optional<Status> check(const auto& progress, States& states) const {
        std::optional<Status> first;
        each(states, [&](const auto& rule, auto& state) {
            const std::optional<Status> status = rule.check(progress, state);
            if (!first) first = status;
        });
        return first;
    }

    template <class V, class States>
    const V& keep(const V& own, const States& states) const {
        const V* kept = &own;
        each(states, [&](const auto& rule, const auto& state) {
            if constexpr (requires { rule.keep(own, state); })
                if (kept == &own) kept = &rule.keep(own, state);
        });
        return *kept;
    }

    template <class States>
    std::optional<double> validation(const States& states) const {
        std::optional<double> seen;
        each(states, [&](const auto& rule, const auto& state) {
            if constexpr (requires { rule.validation(state); })
                if (!seen) seen = rule.validation(state);
        });
        return seen;
    }

private:
    void each(auto& states, auto&& visit) const {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (visit(std::get<I>(rules), std::get<I>(states)), ...);
        }(std::index_sequence_for<Rules...>{});
    }
};

/// `first_of(GradientNorm{1e-8}, MaxIterations{500}, patience(validation_risk, {.epochs = 5}))`
template <class... Rules>
auto first_of(Rules... rules) {
    return FirstOf<decltype(as_rule(std::move(rules)))...>{
        std::tuple{as_rule(std::move(rules))...}};
}

}  // namespace ermine
