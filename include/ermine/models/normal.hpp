// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/models/initializer.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Normal of one standard deviation for all layers, whatever their width (Krizhevsky, Sutskever &
/// Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 2012,
/// section 5).
struct Normal {
    static constexpr const char* name = "Normal";

    double deviation = 0.01;

    void fill(WeightMatrix& weights, Random& random) const {
        for (Index k = 0; k < weights.size(); ++k) weights.data()[k] = deviation * random.normal();
    }
    void check() const { require_positive(deviation, "Normal.deviation"); }
};

static_assert(Initializer<Normal>);

}  // namespace ermine
