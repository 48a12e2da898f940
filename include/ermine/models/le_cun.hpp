// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/models/initializer.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Variance gain² / fan-in: a unit with inputs of variance 1 then has a sum of variance 1, where a
/// sigmoid is neither flat nor linear (LeCun, Bottou, Orr & Müller, "Efficient backprop", 1998,
/// equation 16). The choice for tanh of slope 1 and for self-normalizing networks.
struct LeCun {
    static constexpr const char* name = "LeCun";

    double gain = 1;
    Draw draw = Draw::normal;

    void fill(WeightMatrix& weights, Random& random) const {
        ermine::fill(weights, draw, gain * gain / static_cast<double>(weights.cols()), random);
    }
    void check() const { require_positive(gain, "LeCun.gain"); }
};

static_assert(Initializer<LeCun>);

}  // namespace ermine
