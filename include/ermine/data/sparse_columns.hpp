// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/sparse_rows.hpp>

namespace ermine {

/// The same numbers as SparseRows, column by column: entry e of column j, for e = offsets[j], …,
/// offsets[j + 1] − 1, is `values[e]` in row `rows[e]`; rows increase within a column. A copy.
template <class T>
struct SparseColumns {
    std::vector<T> values;
    std::vector<std::int32_t> rows;
    std::vector<std::int64_t> offsets;

    SparseColumns() = default;

    /// Throws std::length_error for more than 2³¹ − 1 rows, whose numbers take more than 32 bits.
    explicit SparseColumns(const SparseRows<T>& from)
        : values(place(from.nonzeros())),
          rows(values.size()),
          offsets(place(from.features) + 2, 0) {
        if (from.examples > std::numeric_limits<std::int32_t>::max())
            throw std::length_error("SparseColumns: row numbers are of 32 bits");
        // offsets[j + 2] counts column j, then offsets[j + 1] runs from its begin to its end
        for (Index e = 0; e < from.nonzeros(); ++e) ++offsets[place(from.columns[e]) + 2];
        for (std::size_t j = 2; j < offsets.size(); ++j) offsets[j] += offsets[j - 1];
        for (Index i = 0; i < from.examples; ++i) {
            for (Index e = from.offsets[i]; e < from.offsets[i + 1]; ++e) {
                const auto to = place(offsets[place(from.columns[e]) + 1]++);
                values[to] = from.values[e];
                rows[to] = static_cast<std::int32_t>(i);
            }
        }
        offsets.pop_back();
    }

    [[nodiscard]] Index begin(Index j) const { return offsets[place(j)]; }
    [[nodiscard]] Index end(Index j) const { return offsets[place(j) + 1]; }

private:
    static std::size_t place(std::int64_t index) { return static_cast<std::size_t>(index); }
};

}  // namespace ermine
