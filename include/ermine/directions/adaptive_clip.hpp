// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clip_counts.hpp>
#include <ermine/concepts/model.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/directions/block_list.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

namespace ermine {

/// Adaptive gradient clipping (Brock, De, Smith & Simonyan, "High-performance large-scale image
/// recognition without normalization", 2021, eq. 3): the gradient G of each unit, with weights W,
/// is shortened to ‖G‖ <= λ max(‖W‖, ε), so that no step changes a unit by more than the share step
/// · λ of what it is. A unit of a matrix-shaped block is a column: the weights of all inputs for
/// one output. A block of one row or one column, such as the intercepts, is one unit. The authors
/// clip all but the last layer: name the others in `blocks`.
struct AdaptiveClip {
    static constexpr Role role = Role::direction;
    using form = Whole;
    static constexpr bool keeps_metric = false;

    double ratio = 0.01;  ///< λ; the smaller, the larger the batch
    double least = 1e-3;  ///< ε: weights of 0 may still grow
    /// by name or by place; all of the objective's if empty. Numbers in none are left as they are.
    std::vector<ParameterBlock> blocks = {};

    struct State {
        BlockList blocks;
        Eigen::ArrayXd weights;  // squared norms, then what is scaled by
        Eigen::ArrayXd slopes;
        ClipCounts clips = {};  // steps in which any unit was shortened
        auto fields() { return std::tie(clips); }
    };

    /// Throws std::invalid_argument unless ratio and least are positive and finite, and for blocks
    /// that the objective has not, that do not lie within the vector, or overlap.
    State start(const auto& f, const auto& x) const {
        require_positive(ratio, "AdaptiveClip.ratio");
        require_positive(least, "AdaptiveClip.least");
        State state{BlockList(f, x.size(), blocks, "AdaptiveClip.blocks"), {}, {}, {}};
        Index most = 1;
        for (const auto& block : state.blocks) most = std::max(most, block.columns);
        state.weights.resize(most);
        state.slopes.resize(most);
        return state;
    }

    template <class V>
    void direct(const auto&, const V& x, V& d, State& state) const {
        using Scalar = typename V::Scalar;
        bool shortens = false;
        for (const auto& block : state.blocks) {
            const bool matrix = block.rows > 1;
            const Index units = matrix ? block.columns : 1;
            const Index rows = matrix ? block.rows : block.columns;
            auto weights = state.weights.head(units);
            auto slopes = state.slopes.head(units);
            weights.setZero();
            slopes.setZero();
            for (Index i = 0; i < rows; ++i) {
                const Index row = block.offset + i * units;
                weights += x.segment(row, units).template cast<double>().array().square();
                slopes += d.segment(row, units).template cast<double>().array().square();
            }
            bool clips = false;
            for (Index j = 0; j < units; ++j) {
                const double longest = ratio * std::max(std::sqrt(weights[j]), least);
                // a norm that overflows must end the run, and not stop the unit silently
                const double scale = std::isfinite(slopes[j])
                                         ? std::min(1.0, longest / std::sqrt(slopes[j]))
                                         : std::numeric_limits<double>::quiet_NaN();
                slopes[j] = scale;
                clips = clips || !(scale >= 1);
            }
            if (!clips) continue;
            shortens = true;
            for (Index i = 0; i < rows; ++i)
                d.segment(block.offset + i * units, units).array() *=
                    slopes.template cast<Scalar>();
        }
        state.clips.add(shortens);
    }
};

}  // namespace ermine
