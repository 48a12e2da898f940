// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

/// (p − y)², by which the errors of a regression are reported, or of the mean e^p.
struct SquaredError {
    bool log_link = false;

    double value(double p, double y) const {
        const double r = (log_link ? std::exp(p) : p) - y;
        return r * r;
    }
};
