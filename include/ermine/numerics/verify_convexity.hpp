// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/verify_pairs.hpp>

namespace ermine {

/// Looks for a pair of points of a region that proves that f − μ/2 ‖x‖² is not convex, for any μ,
/// negative ones included. Where f has a gradient, that is
/// (∇f(x) − ∇f(y))ᵀ(x − y) < μ ‖x − y‖² (Nesterov 2018, Theorem 2.1.9), which shows it at near
/// points too; a gradient that check_gradient refuses may be to blame. Otherwise it is a midpoint
/// above its chord: f((x + y)/2) > (f(x) + f(y))/2 − μ/8 ‖x − y‖².
/// Throws std::invalid_argument for an empty or unbounded region.
template <Region R, Objective<typename R::Point> F>
auto verify_curvature(const F& f, double mu, const R& region, const SamplingOptions& options = {}) {
    using V = typename R::Point;
    Claim claim{.words = "strong convexity", .constant = mu};
    V first = V::Zero(region.size());
    if constexpr (Differentiable<F, V>) {
        claim.inequality = "mu |x - y|^2 <= (grad f(x) - grad f(y))'(x - y)";
        V second = first;
        return verify_pairs(claim, region, options, [&](const V& x, const V& y) -> PairCase {
            f.value_and_gradient(x, first);
            f.value_and_gradient(y, second);
            const auto apart = static_cast<double>((x - y).norm());
            const auto steepest = static_cast<double>(std::max(first.norm(), second.norm()));
            return {mu * apart * apart, static_cast<double>((first - second).dot(x - y)),
                    apart * steepest};
        });
    } else {
        claim.inequality = "f((x + y)/2) - (f(x) + f(y))/2 <= -mu |x - y|^2/8";
        return verify_pairs(claim, region, options, [&](const V& x, const V& y) -> PairCase {
            first = (x + y) / 2;
            const auto middle = static_cast<double>(f.value(first));
            const auto at_x = static_cast<double>(f.value(x));
            const auto at_y = static_cast<double>(f.value(y));
            const auto squared = static_cast<double>((x - y).squaredNorm());
            return {middle - (at_x + at_y) / 2, -mu * squared / 8,
                    std::max({std::abs(middle), std::abs(at_x), std::abs(at_y)})};
        });
    }
}

/// Looks for a pair of points of a region that proves that f is not convex:
/// `verify_convexity(f, Ball{x0, 10}).ok()`. See verify_curvature.
template <Region R, Objective<typename R::Point> F>
auto verify_convexity(const F& f, const R& region, const SamplingOptions& options = {}) {
    return verify_curvature(f, 0, region, options);
}

/// The same for what f.strong_convexity() claims.
template <Region R, Objective<typename R::Point> F>
    requires StronglyConvex<F>
auto verify_strong_convexity(const F& f, const R& region, const SamplingOptions& options = {}) {
    return verify_curvature(f, f.strong_convexity(), region, options);
}

}  // namespace ermine
