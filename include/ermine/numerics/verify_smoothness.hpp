// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/verify_pairs.hpp>

namespace ermine {

/// Looks for a pair of points of a region that proves f.smoothness() wrong. A function of one's own
/// states the constant by `with_lipschitz(f, {.gradient = 3})`.
/// Throws std::invalid_argument for an empty or unbounded region.
template <Region R, Differentiable<typename R::Point> F>
    requires Smooth<F>
auto verify_smoothness(const F& f, const R& region, const SamplingOptions& options = {}) {
    using V = typename R::Point;
    const double constant = f.smoothness();
    V at_x = V::Zero(region.size());
    V at_y = at_x;
    const Claim claim{.words = "Lipschitz constant of the gradient",
                      .inequality = "|grad f(x) - grad f(y)| <= L |x - y|",
                      .constant = constant};
    return verify_pairs(claim, region, options, [&](const V& x, const V& y) -> PairCase {
        f.value_and_gradient(x, at_x);
        f.value_and_gradient(y, at_y);
        return {static_cast<double>((at_x - at_y).norm()),
                constant * static_cast<double>((x - y).norm()),
                static_cast<double>(std::max(at_x.norm(), at_y.norm()))};
    });
}

}  // namespace ermine
