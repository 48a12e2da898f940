// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

namespace ermine {

/// The value of a minimization problem at a point, and that of its dual at another: no point is
/// lower than the dual value, so that the minimum lies between the two. What is not known is
/// infinite.
struct DualityGap {
    double primal = std::numeric_limits<double>::infinity();
    double dual = -std::numeric_limits<double>::infinity();

    /// primal − dual >= F(x) − min F; +∞ where nothing is known, and never negative.
    [[nodiscard]] double absolute() const {
        const double gap = primal - dual;
        return gap < 0 ? 0 : gap == gap ? gap : std::numeric_limits<double>::infinity();
    }

    /// A bound on (F(x) − min F) / |min F|, whatever the start was: the gap over the least that
    /// |min F| can be. +∞ where the two values have not the same sign.
    [[nodiscard]] double relative() const {
        const double gap = absolute();
        if (gap == 0) return 0;
        const double least = dual > 0 ? dual : primal < 0 ? -primal : 0;
        return least > 0 ? gap / least : std::numeric_limits<double>::infinity();
    }
};

}  // namespace ermine
