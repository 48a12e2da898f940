// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
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

}  // namespace ermine
