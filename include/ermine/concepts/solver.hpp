// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/vector.hpp>

#include <concepts>

namespace ermine {

/// How a round of a method ended.
enum class Outcome {
    advanced,     ///< the method moved
    no_progress,  ///< it found no better point from here
    non_finite    ///< a value, a gradient or a step was NaN or infinite; the point may be, too
};

/// A method that `minimize` can run: a pipe, or a type of one's own with the same verbs.
/// `start(f, x)` makes its state, `advance(f, state)` does one round (a step, or a sweep over the
/// data), `point(state)` is the answer so far and `value(f, state)` what is known of its value.
/// `state.clock` counts committed work. `repeats`: it sees the same function in every round, so
/// that values are comparable.
/// Optional: `using Stop`, the rule where none is given; `spread(state)`, how far apart the points
/// lie that it searches with; `ended(state)`, a status once there is nothing left to do;
/// `note(state, notes)`.
template <class M, class F, class V>
concept Solver =
    requires(const M& method, const F& f, const V& x, decltype(method.start(f, x))& state) {
        { method.advance(f, state) } -> std::same_as<Outcome>;
        { method.point(state) } -> std::convertible_to<const V&>;
        { method.value(f, state) } -> std::convertible_to<double>;
        { state.clock } -> std::convertible_to<Clock>;
        { M::repeats } -> std::convertible_to<bool>;
    };

}  // namespace ermine
