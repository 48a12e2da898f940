// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>

#include <type_traits>

namespace ermine {

/// Hands the point x after a step on to the tail, in whichever form it asks for; returns whether x
/// was moved, after which what is known at x holds no longer. `length` is that of the step, and
/// `value()`, where values can be compared (`Repeats`), that of the objective at x.
template <bool Repeats, Tail T, class V, class State>
bool follow(const T& tail, V& x, double length, auto&& value, const Clock& clock, State& state) {
    if constexpr (moves<T>) {
        const auto told = [&] {
            if constexpr (requires {
                              tail.template follow<Repeats>(x, length, value, clock, state);
                          })
                return tail.template follow<Repeats>(x, length, value, clock, state);
            else if constexpr (Repeats && requires { tail.follow(x, length, value, state); })
                return tail.follow(x, length, value, state);
            else
                return tail.follow(x, length, state);
        };
        if constexpr (std::is_void_v<decltype(told())>) {
            told();
            return true;
        } else {
            return told();
        }
    } else {
        if constexpr (requires { tail.follow(x, clock, state); })
            tail.follow(x, clock, state);
        else
            tail.follow(x, state);
        return false;
    }
}

}  // namespace ermine
