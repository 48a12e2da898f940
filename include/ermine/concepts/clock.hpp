// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <tuple>

namespace ermine {

/// How much work is done: steps that were taken, and how often the examples were passed over for
/// them. Work that was begun but not committed to a step does not count.
struct Clock {
    std::int64_t iteration = 0;
    double epoch = 0;

    /// The number of whole epochs done, or of spans of so many epochs.
    [[nodiscard]] double whole_epochs(double span = 1) const {
        return std::floor(without_rounding() / span);
    }

    /// Whether so many epochs are done.
    [[nodiscard]] bool reached(double epochs) const { return without_rounding() >= epochs; }

    auto fields() { return std::tie(iteration, epoch); }

private:
    /// An epoch is a sum of fractions such as 128/1000, and may be short of the number that it
    /// stands for by rounding alone: it counts as a little more.
    [[nodiscard]] double without_rounding() const { return epoch * (1 + 1e-12) + 1e-9; }
};

}  // namespace ermine
