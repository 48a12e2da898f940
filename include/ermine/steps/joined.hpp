// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/steps/length_of.hpp>

#include <cstdint>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace ermine {

/// One step after another, made by `joined`.
template <Step A, Step B>
struct Joined {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;
    static constexpr bool measures_gradient =
        ermine::measures_gradient<A> || ermine::measures_gradient<B>;

    A first;
    Clock at;
    B second;

    template <class StateA, class StateB>
    struct State {
        StateA first;
        StateB second;
        Clock begun = {.iteration = -1};  // when the second began; -1: not yet
        auto fields() { return std::tie(first, second, begun.iteration, begun.epoch); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool plain = !A::searches && !B::searches && !learns<A> && !learns<B>;
        static_assert(
            plain,
            "joined(first, at, second) takes schedules, and steps that read the point: a "
            "line search or a step that learns (BarzilaiBorwein, MalitskyMishchenko) goes "
            "on from its own last step, so run minimize twice, from the first run's "
            "answer");
        if constexpr (plain)
            return part_fits<A, F, V>() && part_fits<B, F, V>();
        else
            return false;
    }

    /// Throws std::invalid_argument for options that either refuses, or no time to go over at.
    auto start(const auto& f, const auto& x, const auto& estimator) const {
        if (at.iteration < 0 || !(at.epoch >= 0) || (at.iteration == 0 && at.epoch == 0))
            throw std::invalid_argument(
                "joined: give the time to go over at, {.iteration = 1000} or {.epoch = 5}");
        return State<decltype(first.start(f, x, estimator)),
                     decltype(second.start(f, x, estimator))>{first.start(f, x, estimator),
                                                              second.start(f, x, estimator)};
    }

    double length(const auto& here, const auto& value, const Clock& clock, auto& state) const {
        if (state.begun.iteration < 0) {
            if (clock.iteration < at.iteration || !clock.reached(at.epoch))
                return length_of(first, here, value, clock, state.first);
            state.begun = clock;
        }
        const Clock own{.iteration = clock.iteration - state.begun.iteration,
                        .epoch = clock.epoch - state.begun.epoch};
        return length_of(second, here, value, own, state.second);
    }

    void note(const auto& state, Notes& notes) const {
        if constexpr (requires { first.note(state.first, notes); }) first.note(state.first, notes);
        if constexpr (requires { second.note(state.second, notes); })
            second.note(state.second, notes);
    }
};

/// The first step until `at`, then the second with a clock of its own that begins there:
/// `joined(Constant{.size = 0.1}, {.epoch = 5}, Cosine{.initial = 0.1, .epochs = 25})`, or
/// `{.iteration = 1000}`; where both are given both must be reached. A joined step is a step:
/// `joined(joined(a, t, b), u, c)` goes over at t and at u, both counted from the beginning.
template <Step A, Step B>
constexpr Joined<A, B> joined(A first, Clock at, B second) {
    return {std::move(first), at, std::move(second)};
}

}  // namespace ermine
