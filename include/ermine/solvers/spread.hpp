// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/numerics/require.hpp>
#include <ermine/solvers/status.hpp>

#include <optional>

namespace ermine {

/// How far apart the points lie that a method searches with, a simplex or a population, and their
/// values. Such a method says so by `method.spread(state)`.
/// As a stop rule: converged when the method's spread is at most this one, in both. That the search
/// has contracted is all that a method without gradients can say; whether it did so at a minimum,
/// no rule can tell from values alone.
struct Spread {
    double points = 1e-8;  ///< largest ‖xᵢ − x‖∞ / max(1, ‖x‖∞), x the best point
    double values = 1e-8;  ///< largest |f(xᵢ) − f(x)| / max(1, |f(x)|)

    struct State {};

    /// Throws std::invalid_argument unless both are finite and not negative.
    State start(const auto&) const {
        require_nonnegative(points, "Spread.points");
        require_nonnegative(values, "Spread.values");
        return {};
    }

    template <class P>
    std::optional<Status> check(const P& progress, State&) const {
        constexpr bool searches_with_many_points = P::has_spread;
        static_assert(searches_with_many_points,
                      "Spread asks a method that searches with many points (NelderMead, CmaEs) "
                      "how far apart they lie: for this one use GradientNorm{.tolerance = 1e-6}");
        if constexpr (searches_with_many_points) {
            const Spread now = progress.spread();
            if (now.points <= points && now.values <= values) return Status::converged;
        }
        return std::nullopt;
    }
};

}  // namespace ermine
