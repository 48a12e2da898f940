// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace ermine {

/// What a CurvatureMonitor saw at one iterate x, and of the step from there. NaN where it is not
/// known: of the step for the last sample, of the sharpness where it was not asked for.
struct CurvatureSample {
    static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

    std::int64_t iteration = 0;
    double value = unknown;      ///< f(x)
    double gg = unknown;         ///< gᵀg
    double gHg = unknown;        ///< gᵀHg
    double sharpness = unknown;  ///< λmax of H
    double step = unknown;       ///< ε of the step that was taken from x
    double actual = unknown;     ///< f(x⁺) − f(x)
    double modelled = unknown;   ///< gᵀd + ½ dᵀHd along the true displacement d = x⁺ − x

    /// −ε gᵀg + ½ ε² gᵀHg, the change that a step of gradient descent makes to second order
    /// (Goodfellow, Bengio & Courville, "Deep learning", 2016, equation 4.9).
    [[nodiscard]] double predicted() const { return -step * gg + 0.5 * step * step * gHg; }

    /// 2 gᵀg / gᵀHg: to second order a longer step along −g increases the value. Infinite where the
    /// function does not curve upward along g.
    [[nodiscard]] double largest_safe_step() const {
        return gHg > 0 ? 2 * gg / gHg : std::numeric_limits<double>::infinity();
    }

    /// gᵀg / gᵀHg, the step after which the value along −g is lowest.
    [[nodiscard]] double best_step() const { return largest_safe_step() / 2; }

    /// Whether ½ ε² gᵀHg > ε gᵀg: the step is past what the curvature allows.
    [[nodiscard]] bool past_curvature() const { return step > largest_safe_step(); }

    /// Whether ε λmax > 2: gradient descent with this step is unstable along the steepest direction
    /// (Cohen et al., "Gradient descent on neural networks typically occurs at the edge of
    /// stability", ICLR 2021).
    [[nodiscard]] bool past_stability() const { return step * sharpness > 2; }
};

}  // namespace ermine
