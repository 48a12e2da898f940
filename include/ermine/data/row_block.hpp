// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <ermine/concepts/vector.hpp>

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

    /// The number in the dataset of the k-th example, k < count + ahead.
    Index example(Index k) const { return picked != nullptr ? picked[first + k] : first + k; }
};

}  // namespace ermine
