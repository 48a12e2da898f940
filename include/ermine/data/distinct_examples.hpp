// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include <ermine/data/dataset.hpp>

namespace ermine {

/// How many different examples a dataset has: two are the same if all features, target and weight
/// are equal as numbers. What exceeds it is seen more than once in each pass. Takes O(size of the
/// data + n log n): rows are hashed (Fowler, Noll & Vo), and compared where the hashes agree.
template <class Rows>
Index distinct_examples(const Dataset<Rows>& data) {
    const Rows& rows = data.rows();
    // Calls see(number) for all that tells an example: for sparse rows also where numbers stand.
    const auto each = [&](Index i, const auto& see) {
        if constexpr (requires { rows.columns; }) {
            for (const auto column : rows.row_columns(i)) see(static_cast<double>(column));
            for (const auto value : rows.row_values(i)) see(static_cast<double>(value));
        } else {
            for (Index j = 0; j < rows.features; ++j) see(static_cast<double>(rows.row(i)[j]));
        }
        see(data.targets()[i]);
        if (data.weighted()) see(data.weights()[i]);
    };
    const auto n = static_cast<std::size_t>(data.examples());
    std::vector<std::uint64_t> hashes(n);
    for (std::size_t i = 0; i < n; ++i) {
        std::uint64_t hash = 0xcbf29ce484222325U;
        each(static_cast<Index>(i), [&](double number) {
            // + 0: the two zeros are one number
            const auto bits = std::bit_cast<std::uint64_t>(number + 0.0);
            hash = std::rotl((hash ^ bits) * 0x100000001b3U, 29);
        });
        hashes[i] = hash;
    }
    std::vector<double> a;
    std::vector<double> b;
    const auto equal = [&](std::int32_t first, std::int32_t second) {
        a.clear();
        b.clear();
        each(first, [&](double number) { a.push_back(number); });
        each(second, [&](double number) { b.push_back(number); });
        return a == b;
    };
    std::vector<std::int32_t> order(n);
    std::iota(order.begin(), order.end(), 0);
    const auto hash_of = [&](std::int32_t i) { return hashes[static_cast<std::size_t>(i)]; };
    std::sort(order.begin(), order.end(), [&](std::int32_t first, std::int32_t second) {
        return hash_of(first) != hash_of(second) ? hash_of(first) < hash_of(second)
                                                 : first < second;
    });
    Index distinct = 0;
    std::vector<std::int32_t> seen;  // different examples of one hash: nearly always one
    for (std::size_t k = 0; k < n; ++k) {
        if (k == 0 || hash_of(order[k]) != hash_of(order[k - 1])) seen.clear();
        const bool known = std::any_of(seen.begin(), seen.end(),
                                       [&](std::int32_t i) { return equal(i, order[k]); });
        if (known) continue;
        seen.push_back(order[k]);
        ++distinct;
    }
    return distinct;
}

}  // namespace ermine
