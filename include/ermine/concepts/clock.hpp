// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>

namespace ermine {

/// How much work is done: steps that were taken, and how often the examples were passed over for
/// them. Work that was begun but not committed to a step does not count.
struct Clock {
    std::int64_t iteration = 0;
    double epoch = 0;

    /// The number of whole epochs done. An epoch is a sum of fractions such as 128/1000, so one
    /// that is short of a whole number by rounding alone counts as that number.
    [[nodiscard]] double whole_epochs() const { return std::floor(epoch * (1 + 1e-12) + 1e-9); }
};

}  // namespace ermine
