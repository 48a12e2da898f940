// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/model.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/directions/block_list.hpp>
#include <ermine/numerics/require.hpp>

#include <tuple>
#include <type_traits>
#include <vector>

namespace ermine {

/// Keeps blocks of the parameters where they are, to the last bit: their direction becomes 0. Put
/// it last, behind what would move them (Momentum, WeightDecay, annealed noise).
///
///     Freeze{.blocks = {{"weights"}}}
///
/// A block is named, where the objective knows its blocks, or given with offset, rows and columns.
/// Their gradient is still computed, must be finite, and is seen by rules such as GradientNorm: end
/// the run by another.
struct Freeze {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool keeps_metric = false;

    std::vector<ParameterBlock> blocks = {};

    struct State {
        BlockList blocks;
        auto fields() { return std::tie(); }
    };

    /// Throws std::invalid_argument for no blocks, and for blocks that the objective has not, that
    /// do not lie within the vector, or overlap.
    State start(const auto& f, const auto& x) const {
        if (blocks.empty()) refuse("Freeze.blocks", "empty", "name the blocks to freeze");
        return {BlockList(f, x.size(), blocks, "Freeze.blocks")};
    }

    template <class D>
    void apply(D&& d, const State& state, const auto& at, const Clock&) const {
        using Scalar = typename std::remove_cvref_t<D>::Scalar;
        // by a product: what is not finite must still end the run
        state.blocks.each_within(at, [&](const auto&, Index offset, Index size) {
            d.segment(offset - at.offset, size) *= Scalar{0};
        });
    }
};

}  // namespace ermine
