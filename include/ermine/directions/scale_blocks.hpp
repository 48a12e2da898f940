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

/// Multiplies the direction in some blocks of the parameters, each by its factor, and leaves the
/// others as they are: another learning rate for the last layer. Put it last, behind the parts that
/// rescale (Adam, LAMB), which would undo it.
///
///     ScaleBlocks{.factors = {{.block = {"intercept"}, .factor = 10}}}
///
/// A block is named, where the objective knows its blocks, or given with offset, rows and columns.
struct ScaleBlocks {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool keeps_metric = false;

    struct BlockFactor {
        ParameterBlock block;
        double factor = 1;
    };

    std::vector<BlockFactor> factors = {};

    struct State {
        BlockList blocks;
        std::vector<double> factors;
        auto fields() { return std::tie(); }
    };

    /// Throws std::invalid_argument for a factor that is negative or not finite, and for blocks
    /// that the objective has not, that do not lie within the vector, or overlap.
    State start(const auto& f, const auto& x) const {
        std::vector<ParameterBlock> blocks;
        std::vector<double> numbers;
        for (const auto& [block, factor] : factors) {
            require_nonnegative(factor, "ScaleBlocks.factors.factor");
            blocks.push_back(block);
            numbers.push_back(factor);
        }
        if (blocks.empty()) refuse("ScaleBlocks.factors", "empty", "name a block and its factor");
        return {BlockList(f, x.size(), blocks, "ScaleBlocks.factors"), numbers};
    }

    template <class D>
    void apply(D&& d, const State& state, const auto& at, const Clock&) const {
        using Scalar = typename std::remove_cvref_t<D>::Scalar;
        state.blocks.each_within(at, [&](const auto& block, Index offset, Index size) {
            d.segment(offset - at.offset, size) *= static_cast<Scalar>(state.factors[block.number]);
        });
    }
};

}  // namespace ermine
