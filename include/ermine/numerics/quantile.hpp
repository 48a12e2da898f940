// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

namespace ermine {

/// The p-quantile of numbers, by linear interpolation between those next to it (Hyndman & Fan,
/// "Sample quantiles in statistical packages", The American Statistician 50, 1996, definition 7).
/// NaN for none.
inline double quantile(std::vector<double> numbers, double p) {
    if (numbers.empty()) return std::numeric_limits<double>::quiet_NaN();
    std::sort(numbers.begin(), numbers.end());
    const double place = p * static_cast<double>(numbers.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, numbers.size() - 1);
    const double low = numbers[below];
    const double high = numbers[above];
    const double part = place - std::floor(place);
    return part == 0 || low == high ? low : low + part * (high - low);  // either may be infinite
}

inline double median(std::vector<double> numbers) { return quantile(std::move(numbers), 0.5); }

}  // namespace ermine
