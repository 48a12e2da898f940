// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include <ermine/numerics/random.hpp>

namespace ermine {

/// Puts the items in random order, every order equally likely (Fisher & Yates 1938, in the form of
/// Durstenfeld, "Algorithm 235", CACM 7, 1964). The same order on every platform, unlike
/// std::shuffle. `T` is deduced from a span: `shuffle(std::span{vector}, random)`.
template <class T>
void shuffle(std::span<T> items, Random& random) {
    for (std::size_t left = items.size(); left > 1; --left) {
        using std::swap;
        swap(items[left - 1], items[static_cast<std::size_t>(random.below(left))]);
    }
}

}  // namespace ermine
