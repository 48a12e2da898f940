// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

namespace ermine {

/// Scales the numbers of the heavier sign down until the sum is 0, which a free intercept asks of
/// the dual of a linear model. Where each may be any number between 0 and what it was, it stays
/// feasible. Whether anything was done.
inline bool balance_slopes(Eigen::VectorXd& slopes) {
    const double above = slopes.cwiseMax(0).sum();
    const double below = -slopes.cwiseMin(0).sum();
    if (above == below) return false;
    const double up = above > below ? below / above : 1;
    const double down = above > below ? 1 : above / below;
    for (double& slope : slopes) slope *= slope > 0 ? up : down;
    return true;
}

}  // namespace ermine
