// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// What each example adds to a risk: Σ sums / Σ weights is its value. Of sequences with a target
/// a step the steps of one belong together, as they are not independent.
struct ExampleLosses {
    Eigen::ArrayXd sums;
    Eigen::ArrayXd weights;

    [[nodiscard]] Index count() const { return sums.size(); }
    [[nodiscard]] double mean() const { return sums.sum() / weights.sum(); }

    /// Of the mean, as of a ratio: √(n/(n − 1) Σ (sᵢ − wᵢ m)²) / Σ w; NaN for n = 1.
    [[nodiscard]] double standard_error() const {
        const auto n = static_cast<double>(count());
        const double squares = (sums - weights * mean()).square().sum();
        return std::sqrt(n / (n - 1) * squares) / weights.sum();
    }

    /// Those of the differences, example by example.
    [[nodiscard]] ExampleLosses minus(const ExampleLosses& other) const {
        return {sums - other.sums, weights};
    }
};

/// Whether a risk tells the losses of its examples.
template <class Risk, class V>
concept TellsLosses = requires(const Risk& risk, const V& theta) {
    risk.losses(theta);
    risk.data().weights();
};

/// The losses of a risk's examples at θ, with their weights.
template <class Risk, class V>
[[nodiscard]] ExampleLosses example_losses(const Risk& risk, const V& theta) {
    const Eigen::ArrayXd losses = risk.losses(theta);
    const auto& data = risk.data();
    ExampleLosses result;
    result.sums.setZero(data.examples());
    result.weights.setOnes(data.examples());
    if constexpr (requires { data.target_each_step(); }) {
        if (data.target_each_step()) {
            for (Index i = 0; i < data.examples(); ++i) {
                result.weights[i] = static_cast<double>(data.length(i));
                result.sums[i] = losses.segment(data.steps_before(i), data.length(i)).sum();
            }
            return result;
        }
    }
    if (data.weights().size() > 0) result.weights = data.weights().template cast<double>();
    for (Index i = 0; i < data.examples(); ++i)
        if (result.weights[i] > 0) result.sums[i] = result.weights[i] * losses[i];
    return result;
}

}  // namespace ermine
