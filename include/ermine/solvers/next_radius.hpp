// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/solvers/model_run.hpp>

#include <algorithm>
#include <cmath>

namespace ermine {

/// The radius after a trial step, by the ratio of the reduction of f to that of the model: a
/// quarter of the step where the ratio is below ¼, three steps where it is above ¾ and the region
/// was in the way (Nocedal & Wright 2006, algorithm 4.1, with 3 for 2: that takes the fewest
/// evaluations on the problems of Moré, Garbow & Hillstrom); a tenth of the step where f is not
/// finite there.
inline double next_radius(double radius, double ratio, const ModelStep& step) {
    if (std::isnan(ratio)) return step.length / 10;
    if (ratio < 0.25) return step.length / 4;
    if (ratio > 0.75 && step.limited) return std::max(radius, 3 * step.length);
    return radius;
}

/// A first radius from the problem: 1 where it says nothing.
inline double first_radius(double natural) {
    return natural > 0 && std::isfinite(natural) ? natural : 1;
}

}  // namespace ermine
