// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

namespace ermine {

/// Whether no number of a vector is NaN or infinite. Eigen's own allFinite takes ten times as long
/// to compile, and this is asked once a run.
template <class V>
bool all_finite(const V& x) {
    for (const auto number : x)
        if (!std::isfinite(number)) return false;
    return true;
}

}  // namespace ermine
