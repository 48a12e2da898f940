// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/models/initializer.hpp>

namespace ermine {

/// All weights 0. Right for a linear model, whose risk is convex. In a network every hidden unit
/// then computes the same and gets the same gradient, so that no method which looks at gradients
/// alone ever tells two of them apart; with ReLU or tanh the gradient of the weights is 0 and
/// nothing moves but the last biases (Goodfellow, Bengio & Courville, "Deep learning", 2016,
/// section 8.4).
struct Zero {
    static constexpr const char* name = "Zero";

    void fill(WeightMatrix& weights, Random&) const { weights.setZero(); }
    void check() const {}
};

static_assert(Initializer<Zero>);

}  // namespace ermine
