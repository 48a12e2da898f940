// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <ostream>
#include <string>

namespace ermine {

/// Which of the candidates of `Auto` begins, and why, in words for a person.
struct MethodChoice {
    std::size_t candidate = 0;
    std::string method;
    std::string reason;
    std::size_t allowed = ~std::size_t{0};  ///< bit k: candidate k may have a turn
};

inline std::ostream& operator<<(std::ostream& out, const MethodChoice& choice) {
    return out << choice.method << ": " << choice.reason << '\n';
}

}  // namespace ermine
