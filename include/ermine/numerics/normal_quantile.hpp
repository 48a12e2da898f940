// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <limits>
#include <numbers>

namespace ermine {

/// The z with Φ(z) = p, Φ the distribution function of the standard normal: normal_quantile(0.975)
/// is 1.959963984540054. −∞ at 0, +∞ at 1, NaN outside [0, 1].
///
/// Starts from the rational approximation of Abramowitz & Stegun, "Handbook of mathematical
/// functions", 26.2.23 (error below 4.5e-4) and applies Halley's iteration to Φ(z) = ½ erfc(−z/√2)
/// in the lower tail, where nothing cancels. Relative error about 1e-15 down to p = 1e-300.
inline double normal_quantile(double p) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    if (!(p >= 0 && p <= 1)) return std::numeric_limits<double>::quiet_NaN();
    if (p == 0) return -infinity;
    if (p == 1) return infinity;
    if (p > 0.5) return -normal_quantile(1 - p);

    const double t = std::sqrt(-2 * std::log(p));
    double z = (2.515517 + t * (0.802853 + t * 0.010328)) /
                   (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -
               t;
    for (int step = 0; step < 3; ++step) {
        const double error = 0.5 * std::erfc(-z / std::numbers::sqrt2) - p;
        const double density =
            std::exp(-z * z / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
        const double newton = error / density;
        z -= newton / (1 + z * newton / 2);
    }
    return z;
}

}  // namespace ermine
