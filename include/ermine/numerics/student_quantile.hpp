// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// The t with P(|T| <= t) = level for Student's T with ν degrees of freedom: student_interval(0.95,
/// 9) is 2.262. The mean of ν + 1 normal numbers lies within t standard errors of its expectation
/// with that probability. By bisection on the finite series of Abramowitz & Stegun, "Handbook of
/// mathematical functions", 26.7.3 and 26.7.4. Throws std::invalid_argument for ν < 1, and unless
/// 0 < level < 1.
inline double student_interval(double level, Index degrees) {
    if (degrees < 1 || !(level > 0 && level < 1))
        throw std::invalid_argument("student_interval: level " + std::to_string(level) + ", " +
                                    std::to_string(degrees) +
                                    " degrees of freedom: give a level between 0 and 1, and at "
                                    "least one degree");
    const auto nu = static_cast<double>(degrees);
    // P(|T| <= t) for t = tan θ √ν
    const auto within = [&](double theta) {
        const double cosine = std::cos(theta);
        const bool odd = degrees % 2 == 1;
        double term = odd ? cosine : 1;
        double sum = degrees == 1 ? 0 : term;
        for (Index k = odd ? 3 : 2; k < degrees; k += 2) {
            term *= cosine * cosine * static_cast<double>(k - 1) / static_cast<double>(k);
            sum += term;
        }
        sum *= std::sin(theta);
        return odd ? (theta + sum) * 2 * std::numbers::inv_pi : sum;
    };
    double low = 0;
    double high = std::numbers::pi / 2;
    for (int halving = 0; halving < 60; ++halving) {
        const double middle = (low + high) / 2;
        (within(middle) < level ? low : high) = middle;
    }
    return std::tan((low + high) / 2) * std::sqrt(nu);
}

}  // namespace ermine
