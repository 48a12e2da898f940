// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <optional>

#include <ermine/models/initializer.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Uniform on ± bound; without a bound on ± 1/√fan-in, the old habit. Its variance 1/(3 fan-in)
/// makes signals fade with depth (Glorot & Bengio, "Understanding the difficulty of training deep
/// feedforward neural networks", AISTATS 2010, equation 1): see Glorot and He.
struct Uniform {
    static constexpr const char* name = "Uniform";

    std::optional<double> bound;

    void fill(WeightMatrix& weights, Random& random) const {
        const double limit = bound.value_or(1 / std::sqrt(static_cast<double>(weights.cols())));
        for (Index k = 0; k < weights.size(); ++k)
            weights.data()[k] = limit * (2 * random.uniform() - 1);
    }
    void check() const {
        if (bound) require_positive(*bound, "Uniform.bound");
    }
};

static_assert(Initializer<Uniform>);

}  // namespace ermine
