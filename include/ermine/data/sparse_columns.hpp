// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/huge_pages.hpp>
#include <ermine/data/sparse_rows.hpp>
#include <ermine/numerics/parallel.hpp>

namespace ermine {

/// The same numbers as SparseRows, column by column: entry e of column j, for e = offsets[j], …,
/// offsets[j + 1] − 1, is `values[e]` in row `rows[e]`; rows increase within a column. A copy.
template <class T>
struct SparseColumns {
    std::vector<T> values;
    std::vector<std::int32_t> rows;
    std::vector<std::int64_t> offsets;

    SparseColumns() = default;

    /// In two passes, so that each writes to few places at a time: first to ranges of columns, then
    /// to the columns of a range. Throws std::length_error for more than 2³¹ − 1 rows, whose
    /// numbers take more than 32 bits.
    explicit SparseColumns(const SparseRows<T>& from) : offsets(place(from.features) + 1, 0) {
        if (from.examples > std::numeric_limits<std::int32_t>::max())
            throw std::length_error("SparseColumns: row numbers are of 32 bits");
        const auto size = place(from.nonzeros());
        std::vector<Entry> entries;
        allocate(values, size);
        allocate(rows, size);
        allocate(entries, size);

        const auto width =
            static_cast<int>(std::bit_width(static_cast<std::uint64_t>(from.features)));
        const int shift = std::max(width - 8, 0);
        const auto ranges = place(from.features >> shift) + 1;
        const Chunks chunks = chunks_for(from.examples, 4096, 8);
        const auto count = place(chunks.count());
        std::vector<std::int64_t> next(count * ranges, 0);  // of a chunk in a range
        for_each_chunk(chunks.count(), [&](Index chunk) {
            std::int64_t* const at = next.data() + place(chunk) * ranges;
            const Index end = from.offsets[chunks.end(chunk)];
            for (Index e = from.offsets[chunks.begin(chunk)]; e < end; ++e)
                ++at[from.columns[e] >> shift];
        });
        std::vector<std::int64_t> begins(ranges + 1, 0);
        std::int64_t total = 0;
        for (std::size_t range = 0; range < ranges; ++range) {
            begins[range] = total;
            for (std::size_t chunk = 0; chunk < count; ++chunk)
                total += std::exchange(next[chunk * ranges + range], total);
        }
        begins[ranges] = total;
        for_each_chunk(chunks.count(), [&](Index chunk) {
            std::int64_t* const at = next.data() + place(chunk) * ranges;
            for (Index i = chunks.begin(chunk); i < chunks.end(chunk); ++i)
                for (Index e = from.offsets[i]; e < from.offsets[i + 1]; ++e)
                    entries[place(at[from.columns[e] >> shift]++)] = {
                        from.values[e], static_cast<std::int32_t>(i), from.columns[e]};
        });
        for_each_chunk(static_cast<Index>(ranges), [&](Index range) {
            const Index first = range << shift;
            const Index last = std::min(first + (Index{1} << shift), from.features);
            const std::span part(entries.data() + begins[place(range)],
                                 entries.data() + begins[place(range) + 1]);
            std::vector<std::int64_t> to(place(std::max(last - first, Index{0}) + 1), 0);
            for (const Entry& entry : part) ++to[place(entry.column - first) + 1];
            to[0] = begins[place(range)];
            for (std::size_t j = 1; j < to.size(); ++j) to[j] += to[j - 1];
            for (Index j = first; j < last; ++j) offsets[place(j)] = to[place(j - first)];
            for (const Entry& entry : part) {
                const auto e = place(to[place(entry.column - first)]++);
                values[e] = entry.value;
                rows[e] = entry.row;
            }
        });
        offsets[place(from.features)] = total;
    }

    [[nodiscard]] Index begin(Index j) const { return offsets[place(j)]; }
    [[nodiscard]] Index end(Index j) const { return offsets[place(j) + 1]; }

private:
    struct Entry {
        T value;
        std::int32_t row, column;
    };

    template <class U>
    static void allocate(std::vector<U>& numbers, std::size_t size) {
        numbers.reserve(size);
        prefer_huge_pages(numbers.data(), size * sizeof(U));
        numbers.resize(size);
    }

    static std::size_t place(std::int64_t index) { return static_cast<std::size_t>(index); }
};

}  // namespace ermine
