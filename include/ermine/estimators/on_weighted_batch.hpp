// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>

namespace ermine {

/// A finite sum on one batch of its examples, each with a weight: (1/|batch|) Σ wₖ fₖ(x), a
/// function like any other.
template <class F>
struct OnWeightedBatch {
    const F& f;
    WeightedBatch batch;

    template <class V>
    double value_and_gradient(const V& x, V& gradient) const {
        return f.value_and_gradient(x, batch, gradient);
    }
};

}  // namespace ermine
