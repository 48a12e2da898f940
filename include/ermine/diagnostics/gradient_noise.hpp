// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>

#include <ermine/concepts/objective.hpp>
#include <ermine/data/shuffled_once.hpp>

namespace ermine {

/// How much gradients at one point vary: of examples, or of evaluations of an inexact gradient.
struct GradientNoise {
    double norm = 0;   ///< ‖∇f‖
    double trace = 0;  ///< tr Σ, of the gradient of one example, or of one evaluation

    /// tr Σ / ‖∇f‖² (McCandlish et al. 2018, section 2.2): the batch size at which the error is as
    /// long as the gradient.
    [[nodiscard]] double scale() const {
        if (trace == 0) return 0;
        return norm > 0 ? trace / (norm * norm) : std::numeric_limits<double>::infinity();
    }

    /// The share of noise in E‖g‖² over batches of b: (tr Σ / b) / (‖∇f‖² + tr Σ / b).
    [[nodiscard]] double share(Index b) const {
        const double noise = trace / static_cast<double>(b);
        return noise > 0 ? noise / (norm * norm + noise) : 0;
    }
};

/// By the gradients of `count` examples of a sum, drawn without replacement: an estimate of tr Σ
/// without bias, with a relative error of about √(2 / count) where the gradients are near normal in
/// few directions, and less in many. `gradient_statistics` looks at all of them, and at each
/// coordinate.
template <class F, class V>
    requires FiniteSum<F, V>
[[nodiscard]] GradientNoise gradient_noise(const F& f, const V& x, Index count,
                                           std::uint64_t seed = 1) {
    V g(x.size());
    f.value_and_gradient(x, g);
    GradientNoise noise{.norm = static_cast<double>(g.norm())};
    const Index n = f.examples();
    const Index m = std::min(count, n);
    if (m < 2) return noise;
    auto state = ShuffledOnce{.seed = seed}.start(n);
    Eigen::VectorXd mean = Eigen::VectorXd::Zero(x.size());
    Eigen::VectorXd away(x.size());
    double squares = 0;
    for (Index k = 0; k < m; ++k) {
        const std::int32_t row = state.epoch.rows[static_cast<std::size_t>(k)];
        f.value_and_gradient(x, Batch(&row, 1), g);
        away = g.template cast<double>() - mean;
        mean += away / static_cast<double>(k + 1);
        squares += away.dot(g.template cast<double>() - mean);
    }
    noise.trace = squares / static_cast<double>(m - 1);
    return noise;
}

/// By how much the gradients at two points differ that are next to each other: that of a smooth
/// function hardly does, one with errors of its own (`noisy`) does. What is below a thousandth of
/// the gradient counts as none.
template <class F, class V>
[[nodiscard]] GradientNoise evaluation_noise(const F& f, const V& x) {
    using T = typename V::Scalar;
    const T tiny = 16 * std::numeric_limits<T>::epsilon();
    const V beside = (x.array() * (1 + tiny) + tiny).matrix();
    V g(x.size());
    V other(x.size());
    f.value_and_gradient(x, g);
    f.value_and_gradient(beside, other);
    const double difference = (g - other).template cast<double>().squaredNorm() / 2;
    GradientNoise noise{.norm = static_cast<double>(g.norm())};
    if (difference <= 1e-6 * noise.norm * noise.norm) return noise;
    noise.trace = difference;
    // what was evaluated has the noise in it
    const double mean = (g + other).template cast<double>().squaredNorm() / 4 - difference / 2;
    noise.norm = std::sqrt(std::max(mean, 0.0));
    return noise;
}

}  // namespace ermine
