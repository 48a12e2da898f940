// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/require_same_size.hpp>
#include <ermine/numerics/student_quantile.hpp>

#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace ermine {

/// A straight line through points, its two numbers with half of their 95 % intervals.
struct LineFit {
    Estimate slope;
    Estimate intercept;
};

/// The line of least squares y ≈ intercept + slope · x through n points. With r² the sum of its
/// squared residuals, s² = r² / (n − 2) and d² = Σ (xᵢ − x̄)², the standard errors are s / d and
/// s √(1/n + x̄²/d²), and the 95 % intervals those of Student's distribution with n − 2 degrees of
/// freedom (Draper & Smith, "Applied regression analysis", 3rd ed. 1998, sections 1.4 and 1.5):
/// exact where the y are normal about a line, independent, with equal variances. Throws
/// std::invalid_argument for lists of different length, fewer than three points, a number that is
/// not finite, and if all x are equal.
inline LineFit fit_line(std::span<const double> x, std::span<const double> y) {
    const auto signed_size = [](std::span<const double> list) {
        return static_cast<Index>(list.size());
    };
    require_same_size(signed_size(x), "x", signed_size(y), "y");
    if (x.size() < 3)
        throw std::invalid_argument("fit_line: " + std::to_string(x.size()) +
                                    " points: a line and its error need three");
    const auto n = static_cast<double>(x.size());
    double mean_x = 0;
    double mean_y = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        if (!std::isfinite(x[i]) || !std::isfinite(y[i]))
            throw std::invalid_argument("fit_line: point " + std::to_string(i) + " is (" +
                                        std::to_string(x[i]) + ", " + std::to_string(y[i]) +
                                        "): it must be finite");
        mean_x += x[i] / n;
        mean_y += y[i] / n;
    }
    double xx = 0;
    double xy = 0;
    double largest = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
        largest = std::fmax(largest, std::abs(x[i]));
    }
    // a mean of equal numbers may be wrong in its last bits
    if (!(std::sqrt(xx / n) > 8 * n * std::numeric_limits<double>::epsilon() * largest))
        throw std::invalid_argument("fit_line: all x are equal");
    const double slope = xy / xx;
    const double intercept = mean_y - slope * mean_x;
    double squares = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double residual = (y[i] - mean_y) - slope * (x[i] - mean_x);
        squares += residual * residual;
    }
    const double half = student_interval(0.95, signed_size(x) - 2) * std::sqrt(squares / (n - 2));
    return {{slope, half / std::sqrt(xx)},
            {intercept, half * std::sqrt(1 / n + mean_x * mean_x / xx)}};
}

/// The exponent of a power law y ≈ c xᵖ: fit_line through the logarithms, whose slope is p and
/// whose intercept is ln c. Throws std::invalid_argument as that does, and for a number that is not
/// positive.
inline LineFit fit_power_law(std::span<const double> x, std::span<const double> y) {
    const auto logarithms = [](std::span<const double> list, const char* name) {
        std::vector<double> logs;
        logs.reserve(list.size());
        for (const double number : list) {
            if (!(number > 0))
                throw std::invalid_argument(std::string("fit_power_law: a ") + name + " is " +
                                            std::to_string(number) + ": it must be positive");
            logs.push_back(std::log(number));
        }
        return logs;
    };
    return fit_line(logarithms(x, "x"), logarithms(y, "y"));
}

}  // namespace ermine
