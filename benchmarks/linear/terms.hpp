// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include <Eigen/Core>

#include "problem.hpp"

namespace linear {

/// The benchmark's own loss of one example with one prediction p, written down apart from the
/// library's, so that an error in either shows.
struct Term {
    double value;
    double slope;
    double curvature;

    static Term of(Loss loss, double p, double y) {
        const double m = y * p;
        switch (loss) {
            case Loss::logistic: {
                const double e = std::exp(-std::abs(m));
                const double sigma = (m > 0 ? e : 1.0) / (1 + e);  // 1 / (1 + e^m)
                return {std::max(-m, 0.0) + std::log1p(e), -y * sigma, e / ((1 + e) * (1 + e))};
            }
            case Loss::squared_hinge: {
                const double short_of = std::max(1 - m, 0.0);
                return {short_of * short_of, -2 * y * short_of, m < 1 ? 2.0 : 0.0};
            }
            case Loss::hinge:
                return {std::max(1 - m, 0.0), m < 1 ? -y : 0.0, 0};
            case Loss::squared:
            case Loss::multinomial:
                break;
        }
        return {(p - y) * (p - y) / 2, p - y, 1};
    }

    /// sup_p u p − ℓ(p, y), where it is finite.
    static double conjugate(Loss loss, double u, double y) {
        const auto entropy = [](double a) { return a > 0 ? a * std::log(a) : 0.0; };
        const double a = -u * y;
        switch (loss) {
            case Loss::logistic:
                return entropy(a) + entropy(1 - a);
            case Loss::squared_hinge:
                return a * a / 4 - a;
            case Loss::hinge:
                return -a;
            case Loss::squared:
            case Loss::multinomial:
                break;
        }
        return u * u / 2 + u * y;
    }
};

/// The multinomial loss of one example: p becomes the probabilities less the indicator of class y,
/// which is its gradient.
inline double multinomial(Eigen::Ref<Eigen::RowVectorXd> p, double y) {
    const auto k = static_cast<Index>(y);
    const double largest = p.maxCoeff();
    const double own = p[k] - largest;
    p = (p.array() - largest).exp();
    const double sum = p.sum();
    p /= sum;
    p[k] -= 1;
    return std::log(sum) - own;
}

}  // namespace linear
