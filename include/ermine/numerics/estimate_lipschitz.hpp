// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <ostream>

#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/pair_search.hpp>
#include <ermine/numerics/region.hpp>

namespace ermine {

/// What estimate_lipschitz found: lower bounds of two constants, each with the pair of points that
/// attains it. NaN for the gradient where there is none.
template <Vector V>
struct LipschitzEstimate {
    struct Steepest {
        double constant = std::numeric_limits<double>::quiet_NaN();
        V x = {};
        V y = {};
    };

    Steepest value;          ///< |f(x) − f(y)| / ‖x − y‖
    Steepest gradient;       ///< ‖∇f(x) − ∇f(y)‖ / ‖x − y‖
    std::int64_t pairs = 0;  ///< tried for each

    friend std::ostream& operator<<(std::ostream& out, const LipschitzEstimate& estimate) {
        out << "the value has a Lipschitz constant of at least " << estimate.value.constant;
        if (!std::isnan(estimate.gradient.constant))
            out << ", the gradient of at least " << estimate.gradient.constant;
        return out << " (" << estimate.pairs << " pairs tried)";
    }
};

/// Looks for the pair of points of a region at which f is steepest, and for the one at which its
/// gradient turns fastest: `estimate_lipschitz(f, Ball{x0, 10}).gradient.constant`. What is found
/// is never more than the true constant but for rounding, and may be less: a step 1/L with it may
/// still be too long. Throws std::invalid_argument for an empty or unbounded region.
template <Region R, Objective<typename R::Point> F>
auto estimate_lipschitz(const F& f, const R& region, const SamplingOptions& options = {}) {
    using V = typename R::Point;
    LipschitzEstimate<V> estimate{.value = {}, .gradient = {}, .pairs = options.pairs};
    const auto search = [&](auto&& score) {
        PairSearch<R> pairs(region, options);
        for (std::int64_t k = 0; k < options.pairs; ++k) {
            pairs.next();
            pairs.offer(score(pairs.x, pairs.y) / static_cast<double>((pairs.x - pairs.y).norm()));
        }
        using Steepest = typename LipschitzEstimate<V>::Steepest;
        const double constant =
            pairs.found() ? pairs.best : std::numeric_limits<double>::quiet_NaN();
        return Steepest{constant, pairs.best_x, pairs.best_y};
    };
    estimate.value = search([&](const V& x, const V& y) {
        return std::abs(static_cast<double>(f.value(x)) - static_cast<double>(f.value(y)));
    });
    if constexpr (Differentiable<F, V>) {
        V at_x = V::Zero(region.size());
        V at_y = at_x;
        estimate.gradient = search([&](const V& x, const V& y) {
            f.value_and_gradient(x, at_x);
            f.value_and_gradient(y, at_y);
            return static_cast<double>((at_x - at_y).norm());
        });
    }
    return estimate;
}

}  // namespace ermine
