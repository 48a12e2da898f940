// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

namespace ermine {

/// Shortens the gradient d at x to a first step for methods that know no curvature yet: to length 1
/// at most, or √ε ‖x‖ where that is more, since a shorter step might not move x at all.
template <class V>
void first_length(const V& x, V& d) {
    using Scalar = typename V::Scalar;
    // scaled sums of squares: the gradient far out may be longer than the largest number's root
    const auto length = [](const V& v) {
        Scalar largest = 0, sum = 0;
        for (const Scalar number : v) largest = std::max(largest, std::abs(number));
        if (largest == 0) return Scalar{0};
        for (const Scalar number : v) sum += number / largest * (number / largest);
        return largest * std::sqrt(sum);
    };
    const Scalar norm = length(d);
    const Scalar root = std::sqrt(std::numeric_limits<Scalar>::epsilon());
    const Scalar longest = std::max(Scalar{1}, root * length(x));
    if (norm > longest)
        for (Scalar& number : d) number *= longest / norm;
}

}  // namespace ermine
