// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/numerics/require.hpp>
#include <ermine/solvers/status.hpp>

#include <optional>

namespace ermine {

/// Converged when the duality gap proves that (F(x) − min F) / |min F| <= tolerance. The start does
/// not count: one that is good enough ends the run at once.
struct RelativeGap {
    double tolerance = 1e-6;

    struct State {};

    /// Throws std::invalid_argument unless tolerance is finite and not negative.
    State start(const auto&) const {
        require_nonnegative(tolerance, "RelativeGap.tolerance");
        return {};
    }

    template <class P>
    std::optional<Status> check(const P& progress, State&) const {
        constexpr bool has_gap = P::carries_gap;
        static_assert(has_gap,
                      "RelativeGap needs a method that keeps a dual point, such as Auto{} on a "
                      "linear model: for others use GradientNorm{1e-6}");
        if constexpr (has_gap)
            if (progress.duality_gap().relative() <= tolerance) return Status::converged;
        return std::nullopt;
    }
};

}  // namespace ermine
