// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clip_counts.hpp>
#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/notes.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/stretch.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/parallel_sum.hpp>

#include <algorithm>
#include <limits>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ermine {

/// A sequence of directions, run with as few passes over memory as they allow: elementwise parts
/// that follow each other share a pass, block by block in the first-level cache; a part that needs
/// a norm has it summed in the pass before its own; a part that needs the whole gradient ends one.
/// Long vectors are passed over by several threads, with the same bits on any number of them.
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
    /// Whether the gradient is still what it was after run(…, finish): no part works on the whole
    /// of it, and none is applied before one measures.
    static constexpr bool leaves_gradient = [] {
        constexpr bool whole[] = {WholeDirection<Parts>..., false};
        constexpr bool measuring[] = {MeasuringDirection<Parts>..., false};
        for (std::size_t i = 0; i < sizeof...(Parts); ++i)
            if (whole[i] || (measuring[i] && i > 0)) return false;
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
    /// `finish(block, at)` while it is in the cache; returns the sum of what `finish` returns.
    /// Where the last parts are elementwise d itself is not written: it may be what it was before
    /// them.
    template <class F, class V, class States>
    double run(const F& f, const V& x, V& d, States& states, const Clock& clock,
               auto&& finish) const {
        begin(states, clock);
        return walk<0, 0>(f, x, d, states, clock, finish);
    }

    /// The same, into d.
    template <class F, class V, class States>
    void run(const F& f, const V& x, V& d, States& states, const Clock& clock) const {
        begin(states, clock);
        walk<0, 0>(f, x, d, states, clock, nullptr);
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

    /// How often the parts have passed over the examples of the last step themselves.
    template <class States>
    double passes(const States& states) const {
        double sum = 0;
        each(
            [&](const auto& part, const auto& state) {
                if constexpr (requires { part.passes(state); }) sum += part.passes(state);
            },
            states);
        return sum;
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
        notes.clips = clips(states);
    }

    /// How often the gradient was clipped; of several parts that clip, by the one that did most
    /// often.
    template <class States>
    ClipCounts clips(const States& states) const {
        ClipCounts most;
        each(
            [&](const auto&, const auto& state) {
                if constexpr (requires { state.clips; }) most.keep_larger(state.clips);
            },
            states);
        return most;
    }

    /// ‖g‖∞ of the gradient that was turned last, as it was before, where the first part has
    /// measured it; otherwise NaN.
    template <class States>
    double measured_gradient(const States& states) const {
        if constexpr (sizeof...(Parts) > 0) {
            if constexpr (requires { std::get<0>(parts).measured_gradient(std::get<0>(states)); })
                return std::get<0>(parts).measured_gradient(std::get<0>(states));
        }
        return std::numeric_limits<double>::quiet_NaN();
    }

private:
    /// 256 bytes: all parts of a chain work on them before the next are fetched, so that memory is
    /// never idle while they compute.
    template <class V>
    static constexpr Index block_size = Index{256} / Index{sizeof(typename V::Scalar)};
    /// The plain vector for a block of d, never on the heap.
    template <class Block>
    using Copy =
        Eigen::Matrix<typename Block::Scalar, Block::SizeAtCompileTime, 1, Eigen::ColMajor,
                      Block::SizeAtCompileTime == Eigen::Dynamic ? block_size<Block>
                                                                 : Index{Block::SizeAtCompileTime}>;
    /// Measures are summed over longer blocks, wherever the part stands.
    static constexpr Index measured_size = 1024;
    /// The least numbers that are worth waking a second thread for.
    static constexpr Index worth_threads = 65536;

    /// Small vectors of fixed size are one block whose size the compiler knows.
    template <class V>
    static constexpr Index fixed_size =
        V::SizeAtCompileTime != Eigen::Dynamic && V::SizeAtCompileTime <= 64
            ? Index{V::SizeAtCompileTime}
            : Index{Eigen::Dynamic};

    /// Calls body(at) for the blocks of a vector's numbers from `offset` to `end`.
    template <class V>
    static void for_each_block(Index offset, Index end, const auto& body) {
        for (; offset + block_size<V> <= end; offset += block_size<V>)
            body(Stretch<block_size<V>>{offset});
        if (offset < end) body(Stretch<>{offset, end - offset});
    }

    /// The sum of body(at), a number for each block of d, in an order that d's size alone decides.
    template <class V>
    static double sum_over_blocks(const V& d, const auto& body) {
        if constexpr (fixed_size<V> != Eigen::Dynamic)
            return body(Stretch<fixed_size<V>>{});
        else
            return sum_over_ranges(d.size(), [&](Index offset, Index end) {
                double total = 0;
                for_each_block<V>(offset, end, [&](const auto& at) { total += body(at); });
                return total;
            });
    }

    /// The same over long blocks.
    template <class V>
    static double sum_over_long_blocks(const V& d, const auto& body) {
        if constexpr (fixed_size<V> != Eigen::Dynamic)
            return body(Stretch<fixed_size<V>>{});
        else
            return sum_over_ranges(d.size(), [&](Index offset, Index end) {
                double total = 0;
                for (; offset < end; offset += measured_size)
                    total += body(Stretch<>{offset, std::min(measured_size, end - offset)});
                return total;
            });
    }

    /// sum(0, size), or cut for threads and added up.
    static double sum_over_ranges(Index size, const auto& sum) {
        return size < worth_threads ? sum(0, size) : parallel_sum(size, sum, measured_size);
    }

    void each(auto&& visit, auto& states) const {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (visit(std::get<I>(parts), std::get<I>(states)), ...);
        }(std::index_sequence_for<Parts...>{});
    }

    /// Has the numbers computed that are the same for all blocks of a pass.
    void begin(auto& states, const Clock& clock) const {
        each(
            [&](const auto& part, auto& state) {
                if constexpr (requires { part.begin(state, clock); }) part.begin(state, clock);
            },
            states);
    }

    /// Applies parts First to Last − 1 to one block; those that ask for it see the block of x.
    template <std::size_t First, std::size_t Last>
    void apply(auto&& block, const auto& x, auto& states, const auto& at,
               const Clock& clock) const {
        if constexpr (First < Last) {
            const auto& part = std::get<First>(parts);
            auto& state = std::get<First>(states);
            if constexpr (requires { part.apply(block, at(x), state, at, clock); })
                part.apply(block, at(x), state, at, clock);
            else
                part.apply(block, state, at, clock);
            apply<First + 1, Last>(block, x, states, at, clock);
        }
    }

    /// Applies them to all blocks, in place, and returns the sum of what `measure(block)` returns.
    template <std::size_t First, std::size_t Last>
    double apply_to_all(const auto& x, auto& d, auto& states, const Clock& clock,
                        const auto& measure) const {
        using V = std::remove_cvref_t<decltype(d)>;
        return sum_over_long_blocks(d, [&](const auto& all) {
            const auto work = [&](const auto& at) {
                auto block = at(d);
                apply<First, Last>(block, x, states, at, clock);
            };
            if constexpr (First < Last && fixed_size<V> != Eigen::Dynamic)
                work(all);
            else if constexpr (First < Last)
                for_each_block<V>(all.offset, all.offset + all.size, work);
            return measure(all(d));
        });
    }

    /// Applies them to a copy of each block, which is not written to memory, and hands it on.
    template <std::size_t First, std::size_t Last>
    double apply_to_copies(const auto& x, const auto& d, auto& states, const Clock& clock,
                           const auto& finish) const {
        return sum_over_blocks(d, [&](const auto& at) {
            if constexpr (First == Last) {
                return finish(at(d), at);
            } else {
                Copy<decltype(at(d))> block = at(d);
                apply<First, Last>(block, x, states, at, clock);
                return finish(block, at);
            }
        });
    }

    /// Goes on at part I with parts First to I − 1 still to be applied.
    template <std::size_t First, std::size_t I>
    double walk(const auto& f, const auto& x, auto& d, auto& states, const Clock& clock,
                const auto& finish) const {
        const auto nothing = [](const auto&) { return 0.0; };
        if constexpr (I == sizeof...(Parts)) {
            if constexpr (!std::is_null_pointer_v<std::remove_cvref_t<decltype(finish)>>)
                return apply_to_copies<First, I>(x, std::as_const(d), states, clock, finish);
            else if constexpr (First < I)
                return apply_to_all<First, I>(x, d, states, clock, nothing);
            else
                return 0;
        } else {
            const auto& part = std::get<I>(parts);
            using P = std::remove_cvref_t<decltype(part)>;
            if constexpr (MeasuringDirection<P>) {
                part.settle(std::get<I>(states),
                            apply_to_all<First, I>(x, d, states, clock, [&](const auto& block) {
                                return part.measure(block);
                            }));
                return walk<I, I + 1>(f, x, d, states, clock, finish);
            } else if constexpr (WholeDirection<P>) {
                if constexpr (First < I) apply_to_all<First, I>(x, d, states, clock, nothing);
                part.direct(f, x, d, std::get<I>(states));
                return walk<I + 1, I + 1>(f, x, d, states, clock, finish);
            } else {
                return walk<First, I + 1>(f, x, d, states, clock, finish);
            }
        }
    }
};

}  // namespace ermine
