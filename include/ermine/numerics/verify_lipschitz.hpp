// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/verify_pairs.hpp>

namespace ermine {

/// Looks for a pair of points of a region that proves f.lipschitz() wrong:
/// `verify_lipschitz(f, Ball{x0, 10}).ok()`, `std::cout << verify_lipschitz(f, region)`.
/// A function of one's own states the constant by `with_lipschitz(f, {.value = 3})`.
/// Throws std::invalid_argument for an empty or unbounded region.
template <Region R, Objective<typename R::Point> F>
    requires LipschitzContinuous<F>
auto verify_lipschitz(const F& f, const R& region, const SamplingOptions& options = {}) {
    using V = typename R::Point;
    const double constant = f.lipschitz();
    const Claim claim{.words = "Lipschitz constant",
                      .inequality = "|f(x) - f(y)| <= G |x - y|",
                      .constant = constant};
    return verify_pairs(claim, region, options, [&](const V& x, const V& y) -> PairCase {
        const auto at_x = static_cast<double>(f.value(x));
        const auto at_y = static_cast<double>(f.value(y));
        return {std::abs(at_x - at_y), constant * static_cast<double>((x - y).norm()),
                std::max(std::abs(at_x), std::abs(at_y))};
    });
}

}  // namespace ermine
