// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <ostream>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// A claim `left <= right` about all pairs of points x, y.
struct Claim {
    const char* words = "";
    const char* inequality = "";  ///< as a formula
    double constant = 0;          ///< that stands in it
};

/// What is left of a claim `left <= right` about all pairs of points after some were tried: the
/// worst pair if it broke the claim by more than rounding explains, otherwise how many kept it.
template <Vector V>
struct ClaimReport {
    Claim claim = {};
    bool broken = false;  ///< whether x and y are a counterexample
    V x = {};
    V y = {};
    double left = 0;         ///< the left side there
    double right = 0;        ///< the right side
    std::int64_t pairs = 0;  ///< how many were tried

    /// Whether no counterexample was found. That is no proof.
    [[nodiscard]] bool ok() const { return !broken; }

    friend std::ostream& operator<<(std::ostream& out, const ClaimReport& report) {
        const Eigen::IOFormat row(Eigen::StreamPrecision, Eigen::DontAlignCols, ", ", ", ", "", "",
                                  "(", ")");
        if (!report.broken)
            return out << report.claim.words << ' ' << report.claim.constant
                       << ": no counterexample among " << report.pairs << " pairs";
        return out << report.claim.words << ' ' << report.claim.constant
                   << " is WRONG: at x = " << report.x.format(row)
                   << ", y = " << report.y.format(row) << ", " << report.claim.inequality
                   << " reads " << report.left << " <= " << report.right << " (" << report.pairs
                   << " pairs tried)";
    }
};

}  // namespace ermine
