// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <limits>

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/derivative_report.hpp>

namespace ermine {

/// Compares ∇f(x) with central differences of f.value, coordinate by coordinate, and reports the
/// worst one: `REQUIRE(check_gradient(f, x).ok())`, `std::cout << check_gradient(f, x)`.
///
/// Differences with the steps h and h/2 are extrapolated (Richardson), and what they disagree by,
/// and the rounding of f over h, is allowed before an error counts. Errors are relative to the
/// entry, or to a thousandth of the largest one. `tolerance` 0 stands for 1e-6 in double and 1e-2
/// in float. A step that crosses a kink shows as an error, as does a value that is not finite.
template <Vector V, Differentiable<V> F>
[[gnu::cold]] DerivativeReport check_gradient(const F& f, const V& x, double tolerance = 0) {
    using Scalar = typename V::Scalar;
    const auto epsilon = static_cast<double>(std::numeric_limits<Scalar>::epsilon());
    const Index n = x.size();
    V g = x;
    const auto value = static_cast<double>(f.value_and_gradient(x, g));
    double scale = static_cast<double>(g.template lpNorm<Eigen::Infinity>());

    DerivativeReport report{.what = "gradient", .row = -1};
    report.tolerance = tolerance > 0 ? tolerance : (sizeof(Scalar) > 4 ? 1e-6 : 1e-2);
    V point = x;
    Eigen::VectorXd numeric(n);
    Eigen::VectorXd noise(n);
    double steepest = 0;
    const auto quotient = [&](Index i, double step) {
        const auto here = static_cast<double>(x[i]);
        const auto ahead = static_cast<Scalar>(here + step);
        const auto behind = static_cast<Scalar>(here - step);
        point[i] = ahead;
        const auto above = static_cast<double>(f.value(point));
        point[i] = behind;
        const auto below = static_cast<double>(f.value(point));
        point[i] = x[i];
        // At a stationary point all slopes vanish; how f moves still has a size.
        steepest = std::max(std::abs(above - value), std::abs(below - value)) / step;
        return (above - below) / (static_cast<double>(ahead) - static_cast<double>(behind));
    };
    for (Index i = 0; i < n; ++i) {
        double h = 2 * std::cbrt(epsilon) * std::max(std::abs(static_cast<double>(x[i])), 1.0);
        double wide = quotient(i, h);
        double narrow = quotient(i, h / 2);
        const auto noise_of = [&](double step) { return 8 * epsilon * std::abs(value) / step; };
        // A variable may have a scale much below 1: then shorter steps tell more, as long as what
        // the two differ by is no rounding.
        for (int k = 0; k < 10; ++k) {
            const double differ = std::abs(narrow - wide);
            const bool rough = !(differ <= 1e-2 * steepest) && !(differ <= 100 * noise_of(h));
            if (!rough || noise_of(h / 10) > 1e-6 * steepest) break;
            h /= 10;
            wide = quotient(i, h);
            narrow = quotient(i, h / 2);
        }
        if (std::isfinite(steepest)) scale = std::max(scale, steepest);
        numeric[i] = narrow + (narrow - wide) / 3;
        // Truncation is allowed for up to a part of the scale: a wrong gradient stays wrong.
        noise[i] = std::min(std::abs(narrow - wide), 1e-4 * scale) + noise_of(h);
    }
    for (Index i = 0; i < n; ++i)
        report.compare(i, -1, static_cast<double>(g[i]), numeric[i], scale, noise[i]);
    // The value that comes with the gradient is a value.
    const auto alone = static_cast<double>(f.value(x));
    if (!(std::abs(alone - value) <= report.tolerance * std::max(std::abs(alone), 1.0))) {
        report.what = "value of value_and_gradient";
        report.row = 0;
        report.analytic = value;
        report.numeric = alone;
        report.relative_error = std::numeric_limits<double>::infinity();
    }
    return report;
}

}  // namespace ermine
