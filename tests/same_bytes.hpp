// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstring>

/// Whether two vectors hold the same bytes: unlike ==, it tells 0 from -0 and knows a NaN again.
template <class V>
bool same_bytes(const V& a, const V& b) {
    return a.size() == b.size() &&
           std::memcmp(a.data(), b.data(),
                       static_cast<std::size_t>(a.size()) * sizeof(typename V::Scalar)) == 0;
}
