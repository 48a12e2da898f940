// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include <ermine/concepts/objective.hpp>
#include <ermine/diagnostics/gradient_noise.hpp>

namespace ermine {

/// How much gradients at one point vary, in two numbers: of examples, or of evaluations of an
/// inexact gradient.
struct GradientSpread {
    double norm = 0;   ///< ‖∇f‖
    double trace = 0;  ///< tr Σ, of the gradient of one example, or of one evaluation

    /// tr Σ / ‖∇f‖²: the batch size at which the error is as long as the gradient.
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

/// Of the examples of a sum: the gradient over all of them, and tr Σ by `gradient_noise` over so
/// many. Fewer than three examples tell nothing, nor does a gradient that is not finite: then the
/// trace is 0.
template <class F, class V>
    requires FiniteSum<F, V>
[[nodiscard]] GradientSpread example_spread(const F& f, const V& x, Index count,
                                            std::uint64_t seed = 1) {
    V g(x.size());
    f.value_and_gradient(x, g);
    GradientSpread spread{.norm = static_cast<double>(g.norm())};
    const Index batches = std::min(count, f.examples());
    if (batches >= 3 && std::isfinite(spread.norm))
        spread.trace = gradient_noise(f, x, {.batches = batches, .seed = seed}).variance.value;
    return spread;
}

/// By how much the gradients at two points differ that are next to each other: that of a smooth
/// function hardly does, one with errors of its own (`noisy`) does. What is below a thousandth of
/// the gradient counts as none.
template <class F, class V>
[[nodiscard]] GradientSpread evaluation_spread(const F& f, const V& x) {
    using T = typename V::Scalar;
    const T tiny = 16 * std::numeric_limits<T>::epsilon();
    const V beside = (x.array() * (1 + tiny) + tiny).matrix();
    V g(x.size());
    V other(x.size());
    f.value_and_gradient(x, g);
    f.value_and_gradient(beside, other);
    const double difference = (g - other).template cast<double>().squaredNorm() / 2;
    GradientSpread noise{.norm = static_cast<double>(g.norm())};
    if (difference <= 1e-6 * noise.norm * noise.norm) return noise;
    noise.trace = difference;
    // what was evaluated has the noise in it
    const double mean = (g + other).template cast<double>().squaredNorm() / 4 - difference / 2;
    noise.norm = std::sqrt(std::max(mean, 0.0));
    return noise;
}

}  // namespace ermine
