// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/evaluation.hpp>

#include <cmath>
#include <limits>

namespace ermine {

/// The reduction of f from `here` to `there` over what a model has predicted: near 1 where the
/// model is good. NaN where the trial is not finite.
///
/// Where values agree to ten digits (with float, five), as the model had said they would, their
/// difference drowns in rounding, and the trapezoidal rule on the gradients tells it instead:
/// −½ (∇f + ∇f⁺)ᵀ p, exact for quadratics, and wrong by O(‖p‖³) otherwise (in the spirit of Hager
/// & Zhang 2005, eq. 27). Where even what is predicted is below the rounding of f, the gradient
/// must have become shorter, too, or the slope along p steeper, as beside a saddle; otherwise the
/// answer is −1: so a run at the limit of the arithmetic ends.
template <class V>
double reduction_ratio(const Evaluation<V>& here, const Evaluation<V>& there, const V& p,
                       double predicted) {
    using Scalar = typename V::Scalar;
    constexpr double epsilon = double{std::numeric_limits<Scalar>::epsilon()};
    const double noise =
        (std::numeric_limits<Scalar>::digits > 24 ? 1e-10 : 1e-5) * std::abs(here.value);
    const double actual = here.value - there.value;
    if (!std::isfinite(there.value) || !there.gradient.allFinite())
        return std::numeric_limits<double>::quiet_NaN();
    if (!(std::abs(actual) <= noise && predicted <= noise)) return actual / predicted;
    const auto slope = static_cast<double>(here.gradient.dot(p));
    const auto slope_there = static_cast<double>(there.gradient.dot(p));
    if (predicted <= 8 * epsilon * std::abs(here.value) && slope_there >= slope &&
        !(there.gradient.stableNorm() < here.gradient.stableNorm()))
        return -1;
    return -0.5 * (slope + slope_there) / predicted;
}

}  // namespace ermine
