// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// One pass over the data: row numbers in some order, handed out batch by batch, round and round.
/// Samplers keep it in their state and write the order that they want into `rows`.
struct Epoch {
    std::vector<std::int32_t> rows;  ///< at first 0, 1, …, examples - 1
    std::int64_t position = 0;       ///< how many were handed out; 0 between two epochs

    Epoch() = default;

    /// Throws std::invalid_argument for no examples, or more than 2^31 - 1.
    explicit Epoch(Index examples) {
        if (examples < 1 || examples > std::numeric_limits<std::int32_t>::max()) {
            throw std::invalid_argument(
                "a sampler was given " + std::to_string(examples) +
                " examples: row numbers have 32 bits, give between 1 and 2147483647");
        }
        rows.resize(static_cast<std::size_t>(examples));
        std::iota(rows.begin(), rows.end(), 0);
    }

    Index examples() const { return static_cast<Index>(rows.size()); }

    /// Where the next batch of at most `size` rows lies in `rows`, for those who fill it only now.
    /// Throws std::invalid_argument for size 0, or more than there are examples.
    std::span<std::int32_t> ahead(Index size) {
        if (size < 1 || size > examples()) {
            throw std::invalid_argument(
                "a batch of " + std::to_string(size) + " out of " + std::to_string(examples()) +
                " examples: give a size between 1 and " + std::to_string(examples()));
        }
        const Index cut = std::min<Index>(size, examples() - position);
        return {rows.data() + position, static_cast<std::size_t>(cut)};
    }

    /// Hands out the next `size` rows, or what is left of the epoch. Throws as `ahead` does.
    Batch next(Index size) {
        const Batch batch = ahead(size);
        position += static_cast<std::int64_t>(batch.size());
        if (position == examples()) {
            position = 0;
        }
        return batch;
    }
};

}  // namespace ermine
