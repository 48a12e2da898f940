// SPDX-License-Identifier: MIT
#pragma once

#include "method_text.hpp"
#include "paired.hpp"

#include <ermine/steps/constant.hpp>
#include <ermine/steps/cosine.hpp>
#include <ermine/steps/exponential.hpp>
#include <ermine/steps/geometric_rise.hpp>
#include <ermine/steps/inverse_square_root.hpp>
#include <ermine/steps/inverse_time.hpp>
#include <ermine/steps/joined.hpp>
#include <ermine/steps/length_of.hpp>
#include <ermine/steps/one_cycle.hpp>
#include <ermine/steps/polynomial.hpp>
#include <ermine/steps/reduce_on_plateau.hpp>
#include <ermine/steps/stepwise.hpp>
#include <ermine/steps/stochastic_polyak.hpp>
#include <ermine/steps/warm_restarts.hpp>
#include <ermine/steps/warmup.hpp>

#include <optional>
#include <tuple>
#include <type_traits>
#include <variant>

/// A step that is one of several, as the user of a program decides.
template <class... Steps>
struct StepOf {
    static constexpr ermine::Role role = ermine::Role::step;
    static constexpr bool searches = false;

    std::variant<Steps...> choice;

    template <class States>
    struct State {
        States state;
        auto fields() { return std::tie(state); }
    };

    auto start(const auto& f, const auto& x, const auto& estimator) const {
        auto states =
            paired_start(choice, [&](const auto& one) { return one.start(f, x, estimator); });
        return State<decltype(states)>{std::move(states)};
    }

    double length(const auto& here, const auto& value, const ermine::Clock& clock,
                  auto& all) const {
        return paired(choice, all.state, [&](const auto& one, auto& state) {
            return ermine::length_of(one, here, value, clock, state);
        });
    }

    void note(const auto& all, ermine::Notes& notes) const {
        paired(choice, all.state, [&](const auto& one, const auto& state) {
            if constexpr (requires { one.note(state, notes); }) one.note(state, notes);
        });
    }
};

using PlainStep =
    StepOf<ermine::Constant, ermine::InverseTime, ermine::Exponential, ermine::Stepwise,
           ermine::Cosine, ermine::OneCycle, ermine::WarmRestarts, ermine::Polynomial,
           ermine::InverseSquareRoot, ermine::GeometricRise, ermine::ReduceOnPlateau>;

/// A step chosen at run time, warmed up if that is asked for.
struct AnyStep {
    static constexpr ermine::Role role = ermine::Role::step;
    static constexpr bool searches = false;

    using Choice =
        StepOf<PlainStep, ermine::Joined<PlainStep, PlainStep>, ermine::StochasticPolyak>;
    Choice choice = {};
    std::optional<ermine::Warmup> warmup = {};
    TextPlace place = {};
    TextPlace warmup_place = {};

    auto start(const auto& f, const auto& x, const auto& estimator) const {
        if (warmup) warmup_place.blamed([&] { return warmup->start(f, x); });
        return place.blamed([&] { return choice.start(f, x, estimator); });
    }

    double length(const auto& here, const auto& value, const ermine::Clock& clock,
                  auto& state) const {
        const double length = choice.length(here, value, clock, state);
        return warmup ? length * warmup->scale(clock) : length;
    }

    void note(const auto& state, ermine::Notes& notes) const { choice.note(state, notes); }
};
