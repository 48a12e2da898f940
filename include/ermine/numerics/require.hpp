// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace ermine {

/// Throws std::invalid_argument, naming the option and its value, unless it is positive and finite.
inline void require_positive(double value, const char* option) {
    if (!(value > 0) || !std::isfinite(value))
        throw std::invalid_argument(std::string(option) + " is " + std::to_string(value) +
                                    ": it must be positive and finite");
}

/// Throws std::invalid_argument, naming the option and its value, unless it is finite and >= 0.
inline void require_nonnegative(double value, const char* option) {
    if (!(value >= 0) || !std::isfinite(value))
        throw std::invalid_argument(std::string(option) + " is " + std::to_string(value) +
                                    ": it must be finite and not negative");
}

/// Throws std::invalid_argument, naming the option and its value, unless low <= value <= high.
inline void require_between(double value, double low, double high, const char* option) {
    if (!(value >= low && value <= high))
        throw std::invalid_argument(std::string(option) + " is " + std::to_string(value) +
                                    ": it must lie between " + std::to_string(low) + " and " +
                                    std::to_string(high));
}

/// Throws std::invalid_argument, naming the option and its value, unless it is at least 1.
inline void require_count(std::int64_t value, const char* option) {
    if (value < 1)
        throw std::invalid_argument(std::string(option) + " is " + std::to_string(value) +
                                    ": it must be at least 1");
}

}  // namespace ermine
