// SPDX-License-Identifier: MIT
#pragma once

#include "method_text.hpp"
#include "paired.hpp"

#include <ermine/solvers/follow.hpp>
#include <ermine/tails/average.hpp>
#include <ermine/tails/exponential_average.hpp>
#include <ermine/tails/lookahead.hpp>
#include <ermine/tails/nesterov.hpp>
#include <ermine/tails/schedule_free.hpp>
#include <ermine/tails/stochastic_weight_average.hpp>

#include <tuple>
#include <variant>

/// The tail that answers with the iterate itself.
struct LastPoint {
    static constexpr ermine::Role role = ermine::Role::tail;
    struct State {
        auto fields() { return std::tie(); }
    };
    State start(const auto&, const auto&) const { return {}; }
    void follow(const auto&, const State&) const {}
    const auto& report(const auto& x, const State&) const { return x; }
};

/// Which point is the answer, chosen at run time.
struct AnyTail {
    static constexpr ermine::Role role = ermine::Role::tail;
    static constexpr bool moves = true;

    std::variant<LastPoint, ermine::Average, ermine::ExponentialAverage,
                 ermine::StochasticWeightAverage, ermine::Lookahead, ermine::ScheduleFree,
                 ermine::Nesterov>
        choice;
    TextPlace place = {};

    template <class States>
    struct State {
        States state;
        auto fields() { return std::tie(state); }
    };

    auto start(const auto& f, const auto& x) const {
        auto states = place.blamed(
            [&] { return paired_start(choice, [&](const auto& one) { return one.start(f, x); }); });
        return State<decltype(states)>{std::move(states)};
    }

    template <bool Repeats, class V>
    bool follow(V& x, double length, const auto& value, const ermine::Clock& clock,
                auto& all) const {
        return paired(choice, all.state, [&](const auto& one, auto& state) {
            return ermine::follow<Repeats>(one, x, length, value, clock, state);
        });
    }

    template <class V>
    const V& report(const V& x, const auto& all) const {
        return paired(choice, all.state, [&](const auto& one, const auto& state) -> const V& {
            return one.report(x, state);
        });
    }
};
