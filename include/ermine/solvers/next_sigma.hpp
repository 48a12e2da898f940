// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/solvers/model_run.hpp>

#include <algorithm>
#include <cmath>

namespace ermine {

/// The σ of a cubic model after a trial step, by the ratio of the reduction of f to that of the
/// model. Where the ratio is below ¼, the σ for which the model would have been right at the trial,
/// between twice and a hundred times the last one; a quarter where it is above ¾ (in the spirit of
/// Gould, Porcelli & Toint, "Updating the regularization parameter in the adaptive cubic
/// regularization algorithm", 2012); a hundred times where f is not finite there.
inline double next_sigma(double sigma, double ratio, const ModelStep& step) {
    constexpr double least = 1e-250;
    constexpr double most = 1e250;
    if (std::isnan(ratio)) return std::min(100 * sigma, most);
    if (ratio < 0.25) {
        const double fitting =
            sigma + 3 * (1 - ratio) * step.reduction / step.length / step.length / step.length;
        return std::min(most, std::isfinite(fitting) ? std::clamp(fitting, 2 * sigma, 100 * sigma)
                                                     : 100 * sigma);
    }
    return ratio > 0.75 ? std::max(sigma / 4, least) : sigma;
}

/// A first σ from the problem: 1 where it says nothing.
inline double first_sigma(double natural) {
    return natural > 0 && std::isfinite(natural) ? natural : 1;
}

}  // namespace ermine
