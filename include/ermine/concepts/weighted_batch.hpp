// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <span>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// A batch in which each example has a weight: what is estimated over it is (1/|batch|) Σ wₖ fₖ.
/// A sampler that does not draw uniformly makes up for it by the weights 1/(n pᵢ). It does not
/// convert to a Batch: whoever leaves the weights out estimates something else.
struct WeightedBatch {
    Batch rows;
    std::span<const double> weights;  ///< as many, finite and >= 0; none if all are 1

    [[nodiscard]] std::size_t size() const { return rows.size(); }
};

}  // namespace ermine
