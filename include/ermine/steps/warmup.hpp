// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>

namespace ermine {

/// Lets the step behind it grow linearly to its full length: times (k + 1) / iterations in
/// iteration k, until that is 1 (Goyal et al. 2017, section 2.2).
struct Warmup {
    static constexpr Role role = Role::factor;

    std::int64_t iterations = 500;

    struct State {
        auto fields() { return std::tie(); }
    };

    /// Throws std::invalid_argument for fewer than 1 iterations.
    State start(const auto&, const auto&) const {
        if (iterations < 1)
            throw std::invalid_argument("Warmup.iterations is " + std::to_string(iterations) +
                                        ": it must be at least 1");
        return {};
    }

    double scale(const Clock& clock) const {
        return std::min(1.0,
                        static_cast<double>(clock.iteration + 1) / static_cast<double>(iterations));
    }
};

}  // namespace ermine
