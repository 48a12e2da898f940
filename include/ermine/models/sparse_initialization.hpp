// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>

#include <ermine/models/initializer.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Each unit is connected to few others: so many of its weights, chosen at random, are normal, the
/// rest 0. The sum in a unit then does not depend on how wide the layer before is, and units differ
/// (Martens, "Deep learning via Hessian-free optimization", ICML 2010, section 5: 15 weights of
/// variance 1).
struct SparseInitialization {
    static constexpr const char* name = "SparseInitialization";

    Index incoming = 15;  ///< weights of a unit that are not 0, at most
    double deviation = 1;

    void fill(WeightMatrix& weights, Random& random) const {
        const Index inputs = weights.cols();
        const Index few = std::min(incoming, inputs);
        weights.setZero();
        for (Index unit = 0; unit < weights.rows(); ++unit) {
            // Floyd's sample without replacement (Bentley & Floyd, CACM 30, 1987): j, if what was
            // drawn is taken.
            for (Index j = inputs - few; j < inputs; ++j) {
                const auto drawn =
                    static_cast<Index>(random.below(static_cast<std::uint64_t>(j) + 1));
                double weight = deviation * random.normal();
                if (weight == 0) weight = deviation;
                weights(unit, weights(unit, drawn) == 0 ? drawn : j) = weight;
            }
        }
    }
    void check() const {
        require_count(incoming, "SparseInitialization.incoming");
        require_positive(deviation, "SparseInitialization.deviation");
    }
};

static_assert(Initializer<SparseInitialization>);

}  // namespace ermine
