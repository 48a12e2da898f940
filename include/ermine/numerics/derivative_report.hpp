// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <ostream>
#include <string_view>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// What check_gradient and check_hessian found: the worst entry of a derivative against
/// differences.
struct DerivativeReport {
    std::string_view what;  ///< "gradient", "hessian" or "hessian_product"
    Index row = 0;          ///< the worst coordinate
    Index column = -1;      ///< its column in a Hessian, the direction of a product, otherwise -1
    double analytic = 0;    ///< what the function says there
    double numeric = 0;     ///< what differences say there
    double relative_error = 0;  ///< |analytic - numeric| over the scale of both, infinite for NaN
    double tolerance = 0;       ///< what is accepted

    bool ok() const { return relative_error <= tolerance; }

    /// Takes one more entry in; the worst one stays. `scale` is the size of the whole derivative,
    /// against which small entries are measured, `noise` how far `numeric` may be off.
    void compare(Index i, Index j, double a, double b, double scale, double noise) {
        double error = std::numeric_limits<double>::infinity();
        if (std::isfinite(a) && std::isfinite(b)) {
            const double difference = std::max(std::abs(a - b) - noise, 0.0);
            const double size = std::max({std::abs(a), std::abs(b), 1e-3 * scale});
            error = difference > 0 ? difference / size : 0;
        }
        if (row < 0 || error > relative_error) {
            row = i;
            column = j;
            analytic = a;
            numeric = b;
            relative_error = error;
        }
    }

    friend std::ostream& operator<<(std::ostream& out, const DerivativeReport& report) {
        out << report.what << (report.ok() ? " is right" : " is WRONG") << ": worst at ["
            << report.row;
        if (report.column >= 0) out << ", " << report.column;
        return out << "], analytic " << report.analytic << ", numeric " << report.numeric
                   << ", relative error " << report.relative_error << " (accepted "
                   << report.tolerance << ")";
    }
};

}  // namespace ermine
