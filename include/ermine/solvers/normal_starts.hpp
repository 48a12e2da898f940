// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace ermine {

/// Starting points for multi_start: x0, then points of a normal distribution around it. The same
/// points for the same seed on every platform.
struct NormalStarts {
    int count = 20;    ///< of starts, x0 among them
    double sigma = 1;  ///< standard deviation along each axis
    std::uint64_t seed = 7;

    /// Throws std::invalid_argument unless count >= 1 and sigma is finite and not negative.
    void check() const {
        if (count < 1)
            throw std::invalid_argument("NormalStarts.count is " + std::to_string(count) +
                                        ": it must be at least 1");
        require_nonnegative(sigma, "NormalStarts.sigma");
    }

    std::int64_t size() const { return count; }

    Random start() const { return Random(seed); }

    /// Fills x with the next point.
    template <class V>
    void next(const V& origin, std::int64_t, Random& random, V& x) const {
        for (Index i = 0; i < x.size(); ++i)
            x[i] = static_cast<typename V::Scalar>(
                std::fma(random.normal(), sigma, static_cast<double>(origin[i])));
    }
};

}  // namespace ermine
