// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/scrambled.hpp>

namespace ermine {

/// Numbers first, …, first + count − 1 of a drawing that follows from `seed` alone: each is 0 with
/// probability `rate`, and 1 / (1 − rate) otherwise.
template <class T>
void draw_kept(std::uint64_t seed, double rate, Index first, Index count, T* kept) {
    constexpr Index most = 64;
    // Apart from what is made of them: two loops become vector instructions, one does not.
    std::uint64_t drawn[most];
    const auto least = static_cast<std::uint64_t>(rate * 0x1p64);
    const T scale = static_cast<T>(1 / (1 - rate));
    const std::uint64_t start = scrambled(seed) + static_cast<std::uint64_t>(first);
    for (Index begin = 0; begin < count; begin += most) {
        const Index size = std::min(most, count - begin);
        const std::uint64_t from = start + static_cast<std::uint64_t>(begin);
        for (Index k = 0; k < size; ++k) drawn[k] = scrambled(from + static_cast<std::uint64_t>(k));
        for (Index k = 0; k < size; ++k) kept[begin + k] = drawn[k] < least ? T(0) : scale;
    }
}

}  // namespace ermine
