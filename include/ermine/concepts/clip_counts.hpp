// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <tuple>

namespace ermine {

/// What a part that clips remembers: the steps that it saw, and those of them in which it had
/// something to shorten. Its State has them as `clips`.
struct ClipCounts {
    std::int64_t steps = 0;
    std::int64_t shortened = 0;

    void add(bool shortens) {
        ++steps;
        if (shortens) ++shortened;
    }

    /// Becomes the other, if that clipped as often or more.
    void keep_larger(const ClipCounts& other) {
        if (other.shortened >= shortened) *this = other;
    }

    auto fields() { return std::tie(steps, shortened); }
};

}  // namespace ermine
