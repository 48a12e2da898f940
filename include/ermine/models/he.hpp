// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/models/initializer.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Variance 2 gain² / ((1 + slope²) fan), for layers of ReLU or, with the slope of its left side,
/// leaky ReLU: the rectifier halves the second moment, the factor 2 restores it, so that a signal
/// keeps its size through any number of layers (He, Zhang, Ren & Sun, "Delving deep into
/// rectifiers", ICCV 2015, equations 10, 14 and 15). By fan-in signals keep their size, by fan-out
/// slopes do.
struct He {
    static constexpr const char* name = "He";
    enum class Fan { in, out };

    double gain = 1;
    double slope = 0;  ///< of the leaky ReLU, left of 0
    Fan fan = Fan::in;
    Draw draw = Draw::normal;

    void fill(WeightMatrix& weights, Random& random) const {
        const auto width = static_cast<double>(fan == Fan::in ? weights.cols() : weights.rows());
        ermine::fill(weights, draw, 2 * gain * gain / (1 + slope * slope) / width, random);
    }
    void check() const {
        require_positive(gain, "He.gain");
        require_nonnegative(slope, "He.slope");
    }
};

static_assert(Initializer<He>);

}  // namespace ermine
