// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/directions/chain.hpp>
#include <ermine/objectives/no_penalty.hpp>

#include <concepts>
#include <tuple>
#include <type_traits>

namespace ermine {

/// Whether an estimator makes the gradient itself, and has no function to be tried elsewhere.
template <class E>
inline constexpr bool estimates = requires { requires E::estimates; };

/// Whether it needs no gradient to do so.
template <class E>
inline constexpr bool gradient_free = requires { requires E::gradient_free; };

/// Whether it is the same function for some steps.
template <class E>
inline constexpr bool holds = requires { requires E::holds; };

/// Whether estimator E goes over F by rounds of its own, of many steps each: where it offers that
/// and nothing but a constant step S follows it.
template <class E, class C, class Fs, class S, class F, class V>
inline constexpr bool sweeps = [] {
    if constexpr (requires { E::template sweeps<F, V>; } && requires { S::constant; })
        return E::template sweeps<F, V> && std::same_as<C, Chain<>> && std::tuple_size_v<Fs> == 0;
    else
        return false;
}();

/// Whether method M, between two rounds on F, still has the gradient that was taken last, as it was
/// before any direction: with minibatches, that of the last batch.
template <class M, class F, class V>
inline constexpr bool keeps_gradient = [] {
    if constexpr (requires { M::keeps_both; }) {
        using C = decltype(M::directions);
        constexpr bool by_rounds =
            sweeps<decltype(M::estimator), C, decltype(M::factors), decltype(M::step), F, V> &&
            !M::answers_elsewhere;
        return M::repeats || ((M::keeps_both || C::leaves_gradient) && !by_rounds);
    } else {
        return false;
    }
}();

/// One such round: moves the point, sets the value, and returns the clock after it.
template <class F>
Clock sweep(const auto& estimator, const F& f, const auto& smooth, auto& state) {
    Clock clock = state.clock;
    const auto run = [&](const auto& penalty) {
        state.here.value =
            estimator.sweep(smooth, penalty, state.length, state.here.x, state.estimator, clock);
    };
    if constexpr (requires { f.nonsmooth_part(); })
        run(f.nonsmooth_part());
    else
        run(NoPenalty{});
    ++clock.iteration;
    return clock;
}

/// The function that directions may ask for more than its gradient: f itself where the estimator
/// has none.
template <class E>
decltype(auto) sample(const E& estimator, const auto& f, const auto& state) {
    if constexpr (estimates<E>)
        return (f);
    else
        return estimator.sample(f, state);
}

/// The gradient at a place, and the value.
template <class E>
void take_gradient(const E& estimator, const auto& f, auto& place, auto& state) {
    const auto& x = place.x;
    if constexpr (estimates<E>) {
        place.value = estimator.estimate(f, x, place.gradient, state);
    } else {
        auto&& phi = estimator.sample(f, state);
        place.value = static_cast<double>(phi.value_and_gradient(x, place.gradient));
    }
}

}  // namespace ermine
