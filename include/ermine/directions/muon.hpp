// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/model.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/directions/block_list.hpp>
#include <ermine/numerics/newton_schulz.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <tuple>
#include <vector>

namespace ermine {

/// Muon (Jordan, "Muon: an optimizer for hidden layers in neural networks", 2024, algorithm 2): of
/// each matrix-shaped block of the parameters, the momentum m ← decay · m + g made orthogonal, so
/// that it moves in all the directions in which gradients come, rare ones as far as frequent ones.
/// With `nesterov`, as the author runs it, that of g + decay · m. NewtonSchulz does it, in five
/// iterations of three products; the direction's length does not depend on the gradient's.
///
/// Blocks of one row or one column, and numbers in no block, are left as they are: give them a part
/// of their own, `Muon{} | in_blocks(Adam{}, {{"intercept"}})`, as the author does, and steps of
/// their own by ScaleBlocks.
struct Muon {
    static constexpr Role role = Role::direction;
    using form = Whole;
    static constexpr bool accumulates = true;
    static constexpr bool keeps_metric = false;

    double decay = 0.95;
    bool nesterov = true;
    int iterations = 5;  ///< of Newton–Schulz
    /// by name or by place; all of the objective's if empty.
    std::vector<ParameterBlock> blocks = {};

    template <class V>
    struct State {
        BlockList blocks;
        V velocity;
        NewtonSchulz<typename V::Scalar> newton_schulz;
        auto fields() { return std::tie(velocity); }
    };

    /// Throws std::invalid_argument unless 0 <= decay < 1 and iterations is at least 1, and for
    /// blocks that the objective has not, that do not lie within the vector, overlap, or are no
    /// matrices, all of them.
    template <class V>
    State<V> start(const auto& f, const V& x) const {
        require_decay(decay, "Muon.decay");
        require_count(iterations, "Muon.iterations");
        BlockList list(f, x.size(), blocks, "Muon.blocks");
        Index numbers = 0;
        Index side = 0;
        for (const auto& block : list) {
            if (!is_matrix(block)) continue;
            numbers = std::max(numbers, block.size());
            side = std::max(side, std::min(block.rows, block.columns));
        }
        if (numbers == 0)
            refuse("Muon.blocks", "without a matrix",
                   "one must have two rows and two columns at least; for vectors use Momentum or "
                   "Adam");
        return {std::move(list), V::Zero(x.size()), {numbers, side}};
    }

    template <class V>
    void direct(const auto&, const V&, V& d, State<V>& state) const {
        using Scalar = typename V::Scalar;
        using Matrix = typename NewtonSchulz<Scalar>::Matrix;
        const auto kept = static_cast<Scalar>(decay);
        for (const auto& block : state.blocks) {
            if (!is_matrix(block)) continue;
            auto part = d.segment(block.offset, block.size());
            auto velocity = state.velocity.segment(block.offset, block.size());
            velocity = kept * velocity + part;
            if (nesterov)
                part += kept * velocity;
            else
                part = velocity;
            state.newton_schulz.orthogonalize(
                Eigen::Map<Matrix>(d.data() + block.offset, block.rows, block.columns), iterations);
        }
    }

private:
    static bool is_matrix(const BlockList::Block& block) {
        return block.rows > 1 && block.columns > 1;
    }
};

}  // namespace ermine
