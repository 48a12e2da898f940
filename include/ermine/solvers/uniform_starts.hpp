// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/random.hpp>

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace ermine {

/// Starting points for multi_start: x0, then points drawn evenly from the box
/// lower <= xᵢ <= upper. The same points for the same seed on every platform.
struct UniformStarts {
    int count = 20;  ///< of starts, x0 among them
    double lower = -1;
    double upper = 1;
    std::uint64_t seed = 7;

    /// Throws std::invalid_argument unless count >= 1 and the bounds are finite and in order.
    void check() const {
        if (count < 1)
            throw std::invalid_argument("UniformStarts.count is " + std::to_string(count) +
                                        ": it must be at least 1");
        if (!(lower <= upper) || !std::isfinite(lower) || !std::isfinite(upper))
            throw std::invalid_argument("UniformStarts: lower is " + std::to_string(lower) +
                                        " and upper is " + std::to_string(upper) +
                                        ": both must be finite, and lower <= upper");
    }

    std::int64_t size() const { return count; }

    Random start() const { return Random(seed); }

    /// Fills x with the next point.
    template <class V>
    void next(const V&, std::int64_t, Random& random, V& x) const {
        for (auto& entry : x)
            entry =
                static_cast<typename V::Scalar>(std::fma(random.uniform(), upper - lower, lower));
    }
};

}  // namespace ermine
