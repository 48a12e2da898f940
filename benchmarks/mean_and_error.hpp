// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include <ermine/objectives/risk_estimate.hpp>

/// The mean of a number over several seeds, and its standard error.
struct MeanAndError {
    double mean;
    double error;

    static MeanAndError of(const std::vector<double>& numbers) {
        const Eigen::Map<const Eigen::ArrayXd> all(numbers.data(),
                                                   static_cast<Eigen::Index>(numbers.size()));
        const ermine::RiskEstimate estimate = ermine::estimate_risk(all);
        return {estimate.mean, estimate.standard_error};
    }

    /// Of the difference of two such means, whose seeds have nothing to do with each other.
    friend MeanAndError operator-(const MeanAndError& a, const MeanAndError& b) {
        return {a.mean - b.mean, std::hypot(a.error, b.error)};
    }

    /// "0.27114 ± 0.00031": two digits of the error.
    [[nodiscard]] std::string text(double unit = 1) const {
        const double width = error / unit;
        const int places =
            width > 0 ? std::clamp(1 - static_cast<int>(std::floor(std::log10(width))), 0, 9) : 6;
        char buffer[64];
        std::snprintf(buffer, sizeof buffer, "%.*f ± %.*f", places, mean / unit, places, width);
        return buffer;
    }
};
