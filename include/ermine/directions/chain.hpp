// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/stretch.hpp>
#include <ermine/concepts/vector.hpp>

#include <algorithm>
#include <tuple>
#include <utility>

namespace ermine {

/// A sequence of directions, run with as few passes over memory as they allow: elementwise parts
/// that follow each other share a pass, block by block in the first-level cache; a part that needs
/// a norm has it summed in the pass before its own; a part that needs the whole gradient ends one.
template <Direction... Parts>
struct Chain {
    static constexpr bool unit_length = (requires { Parts::unit_length; } || ...);
    static constexpr bool accumulates = (requires { Parts::accumulates; } || ...);
    static constexpr bool metric_kept = (keeps_metric<Parts> && ...);
    static constexpr bool learns = (ermine::learns<Parts> || ...);
    /// Whether no part stands before one that learns.
    static constexpr bool learns_first = [] {
        constexpr bool learners[] = {ermine::learns<Parts>..., false};
        for (std::size_t i = 1; i < sizeof...(Parts); ++i)
            if (learners[i]) return false;
        return true;
    }();

    std::tuple<Parts...> parts;

    /// Whether every part can work on F; prints the sentence of the first that cannot.
    template <class F, class V>
    static consteval bool check() {
        return (part_fits<Parts, F, V>() && ...);
    }

    template <class F, class V>
    auto start(const F& f, const V& x) const {
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            return std::tuple{std::get<I>(parts).start(f, x)...};
        }(std::index_sequence_for<Parts...>{});
    }

    /// Turns the gradient d into the direction, and hands each finished block, with its place, to
    /// `finish(block, at)` while it is in the cache.
    template <class F, class V, class States>
    void run(const F& f, const V& x, V& d, States& states, const Clock& clock,
             auto&& finish) const {
        walk<0, 0>(f, x, d, states, clock, finish);
    }

    /// The same, where nothing is to be done with the blocks.
    template <class F, class V, class States>
    void run(const F& f, const V& x, V& d, States& states, const Clock& clock) const {
        if constexpr (sizeof...(Parts) > 0) {
            if constexpr (WholeDirection<
                              std::tuple_element_t<sizeof...(Parts) - 1, std::tuple<Parts...>>>)
                walk<0, 0>(f, x, d, states, clock, nullptr);
            else
                walk<0, 0>(f, x, d, states, clock, [](const auto&, const auto&) {});
        }
    }

    /// How many gradients long the direction is, where the parts only scale the gradient.
    template <class States>
    double gain(const States& states) const {
        double product = 1;
        each(
            [&](const auto& part, const auto& state) {
                if constexpr (requires { part.gain(state); }) product *= part.gain(state);
            },
            states);
        return product;
    }

    /// Tells the first part, the only one that may learn, of an accepted step.
    template <class Pair, class States>
    void learn(const Pair& before, const Pair& after, States& states) const {
        std::get<0>(parts).learn(before, after, std::get<0>(states));
    }

    /// Whether there was something learnt to forget.
    template <class States>
    bool forget(States& states) const {
        return std::get<0>(parts).forget(std::get<0>(states));
    }

    template <class States>
    void note(const States& states, Notes& notes) const {
        each(
            [&](const auto& part, const auto& state) {
                if constexpr (requires { part.note(state, notes); }) part.note(state, notes);
            },
            states);
    }

private:
    /// 8 KB of doubles: a block of the gradient, of the point and of two states stay in 32 KB.
    static constexpr Index block_size = 1024;

    /// Small vectors of fixed size are one block whose size the compiler knows.
    template <class V>
    static constexpr Index fixed_size =
        V::SizeAtCompileTime != Eigen::Dynamic && V::SizeAtCompileTime <= 64
            ? Index{V::SizeAtCompileTime}
            : Index{Eigen::Dynamic};

    template <class V>
    static void for_each_block(const V& d, auto&& body) {
        if constexpr (fixed_size<V> != Eigen::Dynamic)
            body(Stretch<fixed_size<V>>{});
        else
            for (Index offset = 0; offset < d.size(); offset += block_size)
                body(Stretch<>{offset, std::min(block_size, d.size() - offset)});
    }

    void each(auto&& visit, const auto& states) const {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (visit(std::get<I>(parts), std::get<I>(states)), ...);
        }(std::index_sequence_for<Parts...>{});
    }

    /// Applies parts First to Last − 1 to one block.
    template <std::size_t First, std::size_t Last>
    void apply(auto&& block, auto& states, const auto& at, const Clock& clock) const {
        if constexpr (First < Last) {
            std::get<First>(parts).apply(block, std::get<First>(states), at, clock);
            apply<First + 1, Last>(block, states, at, clock);
        }
    }

    /// Goes on at part I with parts First to I − 1 still to be applied.
    template <std::size_t First, std::size_t I, class F, class V, class States, class Finish>
    void walk(const F& f, const V& x, V& d, States& states, const Clock& clock,
              Finish&& finish) const {
        if constexpr (I == sizeof...(Parts)) {
            if constexpr (!std::is_null_pointer_v<std::remove_cvref_t<Finish>>)
                for_each_block(d, [&](const auto& at) {
                    auto block = at(d);
                    apply<First, I>(block, states, at, clock);
                    finish(block, at);
                });
        } else {
            const auto& part = std::get<I>(parts);
            using P = std::remove_cvref_t<decltype(part)>;
            if constexpr (MeasuringDirection<P>) {
                double sum = 0;
                for_each_block(d, [&](const auto& at) {
                    auto block = at(d);
                    apply<First, I>(block, states, at, clock);
                    sum += part.measure(block);
                });
                part.settle(std::get<I>(states), sum);
                walk<I, I + 1>(f, x, d, states, clock, finish);
            } else if constexpr (WholeDirection<P>) {
                if constexpr (First < I)
                    for_each_block(
                        d, [&](const auto& at) { apply<First, I>(at(d), states, at, clock); });
                part.direct(f, x, d, std::get<I>(states));
                walk<I + 1, I + 1>(f, x, d, states, clock, finish);
            } else {
                walk<First, I + 1>(f, x, d, states, clock, finish);
            }
        }
    }
};

}  // namespace ermine
