// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// A view of a sparse n × d matrix of examples in compressed row form (CSR): the entries of
/// example i are at positions offsets[i], …, offsets[i + 1] - 1 of `values` and `columns`, columns
/// counted from 0 and increasing within a row. It owns nothing; see Dataset.
template <class T>
struct SparseRows {
    using Scalar = T;

    const T* values = nullptr;
    const std::int32_t* columns = nullptr;
    const std::int64_t* offsets = nullptr;  ///< examples + 1 positions, the first of them 0.
    Index examples = 0;
    Index features = 0;

    /// Entries that are stored, zeros among them included.
    Index nonzeros() const { return offsets == nullptr ? 0 : Index{offsets[examples]}; }

    /// Stored entries of example i.
    Index nonzeros(Index i) const { return offsets[i + 1] - offsets[i]; }

    std::span<const T> row_values(Index i) const {
        return {values + offsets[i], static_cast<std::size_t>(nonzeros(i))};
    }

    std::span<const std::int32_t> row_columns(Index i) const {
        return {columns + offsets[i], static_cast<std::size_t>(nonzeros(i))};
    }
};

}  // namespace ermine
