// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/form.hpp>

#include <concepts>
#include <type_traits>

namespace ermine {

/// The place of a part in a method's sentence, in the order in which parts must stand:
/// `estimator | probe? | direction* | factor* | step | tail?`
enum class Role { estimator, probe, direction, factor, step, tail };

/// A part of a method is a const value with a role. What it remembers is its State, made by
/// `start(f, x)`, owned by the method's state, copyable and without pointers. A part may say what
/// it asks of a problem: `template <class F, class V> static consteval bool check()`, with a
/// static_assert whose sentence says what to use instead.
template <class P>
concept Part = requires {
    { P::role } -> std::convertible_to<Role>;
};

/// Which function the gradient is taken of. `start(f, x)` -> State; `draw(f, state)` chooses the
/// examples and returns their share of an epoch; `sample(f, state)` is the function on them, to be
/// evaluated as often as one likes; `repeats` says whether that is the same function each time.
/// `renew(f, state)`, where there is one, is called before each step.
/// One that `estimates` has no such function: `estimate(f, x, g, state)` fills g, once a draw, and
/// returns a value. With `sweeps<F, V>`, `sweep(f, penalty, length, x, state, clock)` is a round of
/// many proximal steps of its own, which is taken where nothing but a constant step follows: it
/// moves x, adds its share to clock.epoch, and returns a value.
template <class P>
concept Estimator = Part<P> && P::role == Role::estimator;

/// Where the gradient is taken, if not at the point itself: `probe(f, x, g, state)` is given the
/// gradient g at x, and leaves in g the one to go by, of the same function f. The step is still
/// taken from x.
template <class P>
concept Probe = Part<P> && P::role == Role::probe;

/// Where to move: turns the gradient d, in place, into the direction of which the step subtracts a
/// multiple. `using form = Elementwise`: `apply(d, state, at, clock)` for each block d, several at
/// once, or `apply(d, x, state, at, clock)` with the same block of the point; optionally
/// `begin(state, clock)` once before the first block of a step, and `measure(d)`, a sum over the
/// blocks that `settle(state, sum)` is told before.
/// `using form = Whole`: `direct(f, x, d, state)`.
/// `keeps_metric` says that a proximal map behind it is still exact.
/// One that passes over the step's examples itself says how often: `passes(state)`.
/// One that `learns` is told of every accepted step, `learn(before, after, state)` with two
/// evaluations of the same function; it stands first, and may `forget(state)`: false where there
/// was nothing to forget.
template <class P>
concept Direction = Part<P> && P::role == Role::direction;

/// Scales the step that follows: `scale(clock)`.
template <class P>
concept Factor = Part<P> && P::role == Role::factor;

/// How far: `length(clock, state)` from a schedule, `length(here, clock, state)` from what is known
/// at the point, `length(here, value, clock, state)` where it wants the whole objective there,
/// `value()` with the penalty, too, or `search(line, state)` from trial points. The state is its to
/// change. A step may learn as a direction does.
template <class P>
concept Step = Part<P> && P::role == Role::step;

/// Which point is the answer: `report(x, state)`. It is told of the point x after each step, by
/// `follow(x, state)`, or by `follow(x, clock, state)` if it asks how much work is done. One that
/// `moves` x, where the next gradient is taken, is told the length of the step, `follow(x, length,
/// state)`, or with an estimator that repeats also how to get the objective's value, `follow(x,
/// length, value, state)`; it may return whether x was moved this time. One that is made of tails
/// asks for all, `follow<Repeats>(x, length, value, clock, state)`, and hands it on by
/// ermine::follow.
template <class P>
concept Tail = Part<P> && P::role == Role::tail;

template <class P>
concept ElementwiseDirection = Direction<P> && std::same_as<typename P::form, Elementwise>;

template <class P>
concept WholeDirection = Direction<P> && std::same_as<typename P::form, Whole>;

/// A direction that needs the sum of a measure over all blocks before it is applied.
template <class P>
concept MeasuringDirection = ElementwiseDirection<P> && P::measures;

/// A step that tries points along the direction.
template <class P>
concept SearchingStep = Step<P> && P::searches;

/// A part that learns from pairs of points and gradients.
template <class P>
inline constexpr bool learns = [] {
    if constexpr (requires { P::learns; })
        return P::learns;
    else
        return false;
}();

/// A step whose length is read off the gradient itself, so that no direction may stand before it.
template <class P>
inline constexpr bool measures_gradient = [] {
    if constexpr (requires { P::measures_gradient; })
        return P::measures_gradient;
    else
        return false;
}();

/// Whether a tail moves the point that the method goes on from.
template <class P>
inline constexpr bool moves = [] {
    if constexpr (requires { P::moves; })
        return P::moves;
    else
        return false;
}();

/// Whether a proximal map may stand behind the part: true where it does not say otherwise.
template <class P>
inline constexpr bool keeps_metric = [] {
    if constexpr (requires { P::keeps_metric; })
        return P::keeps_metric;
    else
        return true;
}();

/// What the part asks of the problem, if anything; false after a sentence was printed.
template <class P, class F, class V>
consteval bool part_fits() {
    if constexpr (requires { P::template check<F, V>; })
        return P::template check<F, V>();
    else
        return true;
}

}  // namespace ermine
