// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clip_counts.hpp>
#include <ermine/concepts/model.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/directions/block_list.hpp>
#include <ermine/numerics/require.hpp>

#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

namespace ermine {

/// Shortens the gradient of each block of parameters to a norm of at most `norm`:
/// d_b ← d_b · min(1, norm / ‖d_b‖₂), ClipByNorm layer by layer (Pascanu, Mikolov & Bengio 2013,
/// algorithm 1, applied to each), so that one exploding layer does not stop the others. It turns
/// the direction; ClipByNorm does not.
struct ClipByBlockNorm {
    static constexpr Role role = Role::direction;
    using form = Whole;
    static constexpr bool keeps_metric = false;

    double norm = 1;
    /// by name or by place; all of the objective's if empty. Numbers in none are left as they are.
    std::vector<ParameterBlock> blocks = {};

    struct State {
        BlockList blocks;
        ClipCounts clips = {};  // steps in which any block was shortened
        auto fields() { return std::tie(clips); }
    };

    /// Throws std::invalid_argument unless norm is positive and finite, and for blocks that the
    /// objective has not, that do not lie within the vector, or overlap.
    State start(const auto& f, const auto& x) const {
        require_positive(norm, "ClipByBlockNorm.norm");
        return {BlockList(f, x.size(), blocks, "ClipByBlockNorm.blocks"), {}};
    }

    template <class V>
    void direct(const auto&, const V&, V& d, State& state) const {
        using Scalar = typename V::Scalar;
        bool shortens = false;
        for (const auto& block : state.blocks) {
            auto part = d.segment(block.offset, block.size());
            const double squared = part.template cast<double>().squaredNorm();
            // a norm that overflows must end the run: a scale of zero would stop the block silently
            const double scale = std::isfinite(squared) ? norm / std::sqrt(squared)
                                                        : std::numeric_limits<double>::quiet_NaN();
            if (!(scale >= 1)) part *= static_cast<Scalar>(scale);
            shortens = shortens || scale < 1;
        }
        state.clips.add(shortens);
    }
};

}  // namespace ermine
