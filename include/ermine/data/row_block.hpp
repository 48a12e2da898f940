// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>

#include <ermine/concepts/vector.hpp>
#include <ermine/concepts/weighted_batch.hpp>

namespace ermine {

/// A few examples of a dataset, by their numbers: `first`, `first + 1`, …, or those that are
/// `picked`. What a model is asked to predict for in one go, small enough to stay in cache.
template <class Rows>
struct RowBlock {
    using Scalar = typename Rows::Scalar;

    const Rows& rows;
    const std::int32_t* picked = nullptr;  ///< null for consecutive examples
    Index first = 0;                       ///< where the block starts, in `picked` if there is one
    Index count = 0;
    Index ahead = 0;                  ///< examples that follow and are wanted next, at most `count`
    const double* factors = nullptr;  ///< beside `picked`, a weight for each; null if all are 1
    /// Of those ahead, how many a model's `predict` asks for from memory; `add_gradient` asks for
    /// the rest. Half of them where both look at the block.
    Index with_predict = 0;

    /// The number in the dataset of the k-th example, k < count + ahead.
    Index example(Index k) const { return picked != nullptr ? picked[first + k] : first + k; }
};

/// Calls f with one block after the other of the examples begin, …, end − 1 of a batch, or of all
/// rows where nothing is picked: `size` examples each, the last one less. They are made for a
/// prediction and a gradient of each.
template <class Rows, class F>
void for_each_row_block(const Rows& rows, WeightedBatch picked, Index begin, Index end, Index size,
                        const F& f) {
    for (Index first = begin; first < end; first += size) {
        const Index count = std::min(size, end - first);
        const Index ahead = std::min(count, end - first - count);
        f(RowBlock<Rows>{rows, picked.rows.data(), first, count, ahead, picked.weights.data(),
                         ahead / 2});
    }
}

}  // namespace ermine
