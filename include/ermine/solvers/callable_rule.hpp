// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/stop_rule.hpp>
#include <ermine/solvers/status.hpp>

#include <optional>
#include <utility>

namespace ermine {

/// A callable as a stop rule: `[](const auto& progress) { return progress.value() < 0.1; }`.
template <class Call>
struct CallableRule {
    Call call;

    struct State {};

    State start(const auto&) const { return {}; }

    std::optional<Status> check(const auto& progress, State&) const {
        if (call(progress)) return Status::stopped;
        return std::nullopt;
    }
};

/// The rule itself, or a callable made one.
template <class R>
auto as_rule(R rule) {
    if constexpr (StopRule<R>)
        return rule;
    else
        return CallableRule<R>{std::move(rule)};
}

}  // namespace ermine
