// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <numbers>

#include <ermine/data/dataset.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

struct TwoMoonsOptions {
    Index examples = 400;
    double noise = 0.1;  ///< Standard deviation of what is added to each coordinate.
    std::uint64_t seed = 7;
};

/// Two half circles of radius 1 that reach into each other, in the plane: (cos t, sin t) with
/// target -1 and (1 - cos t, 1/2 - sin t) with target +1, t uniform on [0, π), the two in turn.
/// Throws std::invalid_argument for an option that makes no sense.
inline Dataset<DenseRows<double>> two_moons(const TwoMoonsOptions& options = {}) {
    require_positive(static_cast<double>(options.examples), "TwoMoonsOptions::examples");
    require_nonnegative(options.noise, "TwoMoonsOptions::noise");
    Random random(options.seed);
    Eigen::MatrixXd x(options.examples, 2);
    Eigen::VectorXd y(options.examples);
    for (Index i = 0; i < options.examples; ++i) {
        const double t = std::numbers::pi * random.uniform();
        const bool upper = i % 2 == 0;
        y[i] = upper ? -1 : 1;
        x(i, 0) = upper ? std::cos(t) : 1 - std::cos(t);
        x(i, 1) = upper ? std::sin(t) : 0.5 - std::sin(t);
        x(i, 0) += options.noise * random.normal();
        x(i, 1) += options.noise * random.normal();
    }
    return {x, y};
}

}  // namespace ermine
