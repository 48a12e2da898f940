// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// Throws std::invalid_argument, naming both, unless the sizes are equal.
inline void require_same_size(Index size, const char* what, Index other, const char* of_what) {
    if (size != other)
        throw std::invalid_argument(std::to_string(size) + " " + what + " but " +
                                    std::to_string(other) + " " + of_what +
                                    ": there must be as many of both");
}

}  // namespace ermine
