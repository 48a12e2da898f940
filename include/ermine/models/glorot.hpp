// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/models/initializer.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Variance 2 gain² / (fan-in + fan-out): a compromise between signals that keep their variance on
/// the way forward and slopes that keep theirs on the way back, for activations of slope 1 at 0
/// (Glorot & Bengio, "Understanding the difficulty of training deep feedforward neural networks",
/// AISTATS 2010, equations 12 and 16, uniform). A gain of 4 is theirs for the logistic sigmoid.
struct Glorot {
    static constexpr const char* name = "Glorot";

    double gain = 1;
    Draw draw = Draw::uniform;

    void fill(WeightMatrix& weights, Random& random) const {
        const auto fans = static_cast<double>(weights.rows() + weights.cols());
        ermine::fill(weights, draw, 2 * gain * gain / fans, random);
    }
    void check() const { require_positive(gain, "Glorot.gain"); }
};

static_assert(Initializer<Glorot>);

}  // namespace ermine
