// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/random.hpp>

namespace ermine {

/// The weights of one layer: units × inputs, a row a unit. Its fan-in is the number of columns, its
/// fan-out that of rows.
using WeightMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The distribution that weights of a given variance are drawn from.
enum class Draw { normal, uniform };

/// Where the weights of a network begin: a value whose `fill(weights, random)` sets a whole
/// WeightMatrix, and whose `check()` throws std::invalid_argument for options that make no sense.
template <class I>
concept Initializer = requires(const I& how, WeightMatrix& weights, Random& random) {
    how.fill(weights, random);
    how.check();
};

/// Independent numbers of mean 0: normal ones, or uniform ones on ± √(3 variance).
inline void fill(WeightMatrix& weights, Draw draw, double variance, Random& random) {
    const double scale = std::sqrt(draw == Draw::normal ? variance : 3 * variance);
    for (Index k = 0; k < weights.size(); ++k) {
        const double number = draw == Draw::normal ? random.normal() : 2 * random.uniform() - 1;
        weights.data()[k] = scale * number;
    }
}

}  // namespace ermine
