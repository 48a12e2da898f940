// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <type_traits>
#include <vector>

#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/model.hpp>
#include <ermine/numerics/parallel_sum.hpp>
#include <ermine/objectives/block_loss.hpp>

namespace ermine {

/// What passes of an empirical risk over the data work in, made once: T is the type of the
/// parameters, `many` says that the model makes several predictions an example.
template <Model M, class T, bool many>
struct PassMemory {
    struct Space {
        BlockSpace<T> loss;
        typename M::Workspace model;
    };

    std::vector<Space> spaces;  ///< one a chunk
    PartialSums<double> sums;
    PartialSums<double> curvature;
    std::conditional_t<many, PredictionBlock, Eigen::ArrayXd> predictions;

    /// For so many chunks, in blocks of up to `block` examples.
    void prepare(Index chunks, Index block, Index outputs) {
        const auto count = static_cast<std::size_t>(chunks);
        if (spaces.size() < count) spaces.resize(count);
        for (std::size_t c = 0; c < count; ++c) spaces[c].loss.prepare(block, outputs);
    }
};

}  // namespace ermine
