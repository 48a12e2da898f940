// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace ermine {

/// Starting points for multi_start: x0, then those of a list.
template <Vector V>
struct ListedStarts {
    std::vector<V> points;

    struct State {};

    void check() const {}

    std::int64_t size() const { return static_cast<std::int64_t>(points.size()) + 1; }

    State start() const { return {}; }

    /// Fills x with the k-th point, k >= 1. Throws std::invalid_argument if it is of another size
    /// than x0 or not finite.
    void next(const V& origin, std::int64_t k, State&, V& x) const {
        const V& point = points[static_cast<std::size_t>(k - 1)];
        if (point.size() != origin.size())
            throw std::invalid_argument("multi_start: start " + std::to_string(k) + " has " +
                                        std::to_string(point.size()) + " numbers, and x0 " +
                                        std::to_string(origin.size()));
        if (!point.allFinite())
            throw std::invalid_argument("multi_start: start " + std::to_string(k) +
                                        " is not finite");
        x = point;
    }
};

}  // namespace ermine
