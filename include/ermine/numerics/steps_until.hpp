// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/numerics/random.hpp>

#include <cstdint>

namespace ermine {

/// How often a coin is thrown until it says yes, which it does with probability p > 0: thrown one
/// by one, as a logarithm would have other last bits elsewhere.
struct StepsUntil {
    double p;

    std::int64_t operator()(Random& random) const {
        std::int64_t steps = 1;
        while (!(random.uniform() < p)) ++steps;
        return steps;
    }
};

}  // namespace ermine
