// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/solvers/pipe.hpp>

#include <tuple>
#include <type_traits>

namespace ermine {

/// What is left of a sentence that breaks the grammar, so that one mistake gives one error.
struct Refused {};

template <class>
inline constexpr bool is_pipe = false;
template <class E, class C, class Fs, class S, class T, class P>
inline constexpr bool is_pipe<Pipe<E, C, Fs, S, T, P>> = true;

/// What `|` joins: parts, and sentences of parts.
template <class P>
concept Composable = Part<P> || is_pipe<P> || std::same_as<P, Refused>;

template <Direction... Ds, Direction D>
constexpr Chain<Ds..., D> extended(const Chain<Ds...>& chain, const D& part) {
    return {std::tuple_cat(chain.parts, std::tuple{part})};
}

/// The sentence with one part more at its end; Refused, after a sentence of ours, if it may not
/// stand there.
template <class E, class C, class... Fs, class S, class T, class Pr, Part P>
constexpr auto append(const Pipe<E, C, std::tuple<Fs...>, S, T, Pr>& pipe, const P& part) {
    constexpr bool before_estimator = std::same_as<E, Absent>;
    constexpr bool before_probe = std::same_as<Pr, Absent>;
    constexpr bool before_directions = std::same_as<C, Chain<>>;
    constexpr bool before_factors = sizeof...(Fs) == 0;
    constexpr bool before_step = std::same_as<S, Absent>;
    constexpr bool before_tail = std::same_as<T, Absent>;
    if constexpr (Estimator<P>) {
        static_assert(before_estimator,
                      "a method has one estimator: it says which function the gradient is taken "
                      "of, so drop all but one of FullGradient, Minibatch, ...");
        constexpr bool first =
            before_probe && before_directions && before_factors && before_step && before_tail;
        static_assert(first || !before_estimator,
                      "the estimator stands first: FullGradient{} | ... | Constant{}");
        if constexpr (before_estimator && first)
            return Pipe{part, pipe.directions, pipe.factors, pipe.step, pipe.tail, pipe.probe};
        else
            return Refused{};
    } else if constexpr (Probe<P>) {
        static_assert(before_probe, "a method has one probe: it says where the gradient is taken");
        constexpr bool before_the_gradient =
            before_directions && before_factors && before_step && before_tail;
        static_assert(before_the_gradient || !before_probe,
                      "a probe stands directly behind the estimator: it says where the gradient is "
                      "taken that the directions then turn");
        if constexpr (before_probe && before_the_gradient)
            return Pipe{pipe.estimator, pipe.directions, pipe.factors, pipe.step, pipe.tail, part};
        else
            return Refused{};
    } else if constexpr (Direction<P>) {
        constexpr bool before_the_step = before_factors && before_step && before_tail;
        static_assert(before_the_step,
                      "a direction stands before the step and its factors: left of the step the "
                      "gradient flows, right of it the iterate");
        if constexpr (before_the_step)
            return Pipe{pipe.estimator, extended(pipe.directions, part),
                        pipe.factors,   pipe.step,
                        pipe.tail,      pipe.probe};
        else
            return Refused{};
    } else if constexpr (Factor<P>) {
        constexpr bool directly_before_the_step = before_step && before_tail;
        static_assert(directly_before_the_step,
                      "a factor such as Warmup stands directly before the step that it scales");
        if constexpr (directly_before_the_step)
            return Pipe{
                pipe.estimator, pipe.directions, std::tuple_cat(pipe.factors, std::tuple{part}),
                pipe.step,      pipe.tail,       pipe.probe};
        else
            return Refused{};
    } else if constexpr (Step<P>) {
        constexpr bool one_step = before_step && before_tail;
        static_assert(one_step, "a method has one step, and only a tail may follow it");
        constexpr bool measures_the_step = !(SearchingStep<P> && C::accumulates);
        static_assert(measures_the_step,
                      "a line search measures one step, Momentum adds up many, as Adam and its kin "
                      "do, and WeightDecay adds what it does not see: use a schedule such as "
                      "Constant{.size = 0.1}, or drop them");
        constexpr bool unscaled = !(SearchingStep<P> && sizeof...(Fs) > 0);
        static_assert(unscaled, "a line search chooses its own step: drop Warmup before it");
        if constexpr (one_step && measures_the_step && unscaled)
            return Pipe{pipe.estimator, pipe.directions, pipe.factors, part, pipe.tail, pipe.probe};
        else
            return Refused{};
    } else {
        static_assert(before_tail, "a method has one tail: it says which point is the answer");
        if constexpr (before_tail)
            return Pipe{pipe.estimator, pipe.directions, pipe.factors, pipe.step, part, pipe.probe};
        else
            return Refused{};
    }
}

template <Part P>
constexpr auto append(Refused, const P&) {
    return Refused{};
}

/// A part, or a sentence, as a sentence.
template <Composable P>
constexpr auto as_pipe(const P& p) {
    if constexpr (Part<P>)
        return append(Pipe<>{}, p);
    else
        return p;
}

/// Joins parts and sentences to a longer sentence; associative. For two parts of one's own, which
/// live in another namespace, write `using ermine::operator|;` first.
template <Composable A, Composable B>
constexpr auto operator|(const A& a, const B& b) {
    if constexpr (std::same_as<A, Refused> || std::same_as<B, Refused>) {
        return Refused{};
    } else if constexpr (Part<B>) {
        return append(as_pipe(a), b);
    } else {
        const auto some = []<class P>(const P& part) {
            if constexpr (std::same_as<P, Absent>)
                return std::tuple{};
            else
                return std::tuple{part};
        };
        return std::apply([&](const auto&... parts) { return (as_pipe(a) | ... | parts); },
                          std::tuple_cat(some(b.estimator), some(b.probe), b.directions.parts,
                                         b.factors, some(b.step), some(b.tail)));
    }
}

}  // namespace ermine
