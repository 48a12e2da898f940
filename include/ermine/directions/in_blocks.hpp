// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/model.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/stretch.hpp>
#include <ermine/directions/block_list.hpp>
#include <ermine/numerics/require.hpp>

#include <utility>
#include <vector>

namespace ermine {

/// A direction that works in some blocks of the parameters alone; made by `in_blocks`.
template <class D>
struct InBlocks {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool keeps_metric = false;  // not the same in every block
    static constexpr bool accumulates = requires { D::accumulates; };

    D part;
    std::vector<ParameterBlock> blocks;

    template <class Inner>
    struct State {
        BlockList blocks;
        Inner inner;
        auto fields() { return inner.fields(); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool number_by_number = ElementwiseDirection<D> && !MeasuringDirection<D>;
        static_assert(number_by_number,
                      "in_blocks takes a direction that goes number by number (Momentum, Adam, "
                      "ClipByValue): use ClipByBlockNorm for ClipByNorm; Muon and LAMB have an "
                      "option blocks");
        return number_by_number && part_fits<D, F, V>();
    }

    /// Throws std::invalid_argument for options that make no sense to the part, and for blocks that
    /// the objective has not, that do not lie within the vector, or overlap.
    auto start(const auto& f, const auto& x) const {
        if (blocks.empty()) refuse("in_blocks", "empty", "name the blocks to work in");
        return State<decltype(part.start(f, x))>{BlockList(f, x.size(), blocks, "in_blocks"),
                                                 part.start(f, x)};
    }

    template <class Inner>
    void begin(State<Inner>& state, const Clock& clock) const {
        if constexpr (requires { part.begin(state.inner, clock); }) part.begin(state.inner, clock);
    }

    template <class Inner>
    void apply(auto&& d, State<Inner>& state, const auto& at, const Clock& clock) const {
        state.blocks.each_within(at, [&](const auto&, Index offset, Index size) {
            part.apply(d.segment(offset - at.offset, size), state.inner, Stretch<>{offset, size},
                       clock);
        });
    }

    /// x is the same block of the point.
    template <class Inner>
    void apply(auto&& d, const auto& x, State<Inner>& state, const auto& at,
               const Clock& clock) const {
        state.blocks.each_within(at, [&](const auto&, Index offset, Index size) {
            const Stretch<> place{offset, size};
            auto inside = d.segment(offset - at.offset, size);
            const auto point = x.segment(offset - at.offset, size);
            if constexpr (requires { part.apply(inside, point, state.inner, place, clock); })
                part.apply(inside, point, state.inner, place, clock);
            else
                part.apply(inside, state.inner, place, clock);
        });
    }
};

/// A direction in some blocks of the parameters alone, the others left as they are: weight decay of
/// the weights, and not of the intercept, `in_blocks(WeightDecay{}, {{"weights"}})`; Adam for what
/// Muon leaves, `Muon{} | in_blocks(Adam{}, {{"intercept"}})`. A block is named, where the
/// objective knows its blocks, or given with offset, rows and columns.
template <Direction D>
InBlocks<D> in_blocks(D part, std::vector<ParameterBlock> blocks) {
    return {std::move(part), std::move(blocks)};
}

}  // namespace ermine
