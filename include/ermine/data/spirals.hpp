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

struct SpiralsOptions {
    Index examples = 400;
    Index classes = 2;
    double turns = 1.5;   ///< Of each arm around the origin.
    double noise = 0.02;  ///< Standard deviation of what is added to each coordinate.
    std::uint64_t seed = 7;
};

/// K spiral arms around the origin of the plane: at radius r, uniform on [0, 1), class k stands at
/// the angle 2π (turns r + k / K). Targets are 0, …, K - 1 in turn. Throws std::invalid_argument
/// for an option that makes no sense.
inline Dataset<DenseRows<double>> spirals(const SpiralsOptions& options = {}) {
    require_positive(static_cast<double>(options.examples), "SpiralsOptions::examples");
    require_positive(static_cast<double>(options.classes), "SpiralsOptions::classes");
    require_nonnegative(options.turns, "SpiralsOptions::turns");
    require_nonnegative(options.noise, "SpiralsOptions::noise");
    Random random(options.seed);
    Eigen::MatrixXd x(options.examples, 2);
    Eigen::VectorXd y(options.examples);
    for (Index i = 0; i < options.examples; ++i) {
        y[i] = static_cast<double>(i % options.classes);
        const double radius = random.uniform();
        const double share = y[i] / static_cast<double>(options.classes);
        const double angle = 2 * std::numbers::pi * (options.turns * radius + share);
        x(i, 0) = radius * std::cos(angle) + options.noise * random.normal();
        x(i, 1) = radius * std::sin(angle) + options.noise * random.normal();
    }
    return {x, y};
}

}  // namespace ermine
