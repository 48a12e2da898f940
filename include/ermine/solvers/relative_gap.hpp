// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/numerics/require.hpp>
#include <ermine/solvers/status.hpp>

#include <limits>
#include <optional>
#include <tuple>

namespace ermine {

/// Converged when the duality gap proves that (F(x) − min F) / |min F| <= tolerance. The start does
/// not count: one that is good enough ends the run at once.
/// A method that keeps a dual point is asked for its gap. Of others on a linear model with a convex
/// loss, it is evaluated at the answer so far (`duality_gap`), each round, or with minibatches once
/// an epoch, at the price of two passes over the data.
struct RelativeGap {
    double tolerance = 1e-6;

    struct State {
        double looked = -1;  // when it was evaluated
        double gap = std::numeric_limits<double>::infinity();
        auto fields() { return std::tie(looked, gap); }
    };

    /// Throws std::invalid_argument unless tolerance is finite and not negative.
    State start(const auto&) const {
        require_nonnegative(tolerance, "RelativeGap.tolerance");
        return {};
    }

    template <class P>
    std::optional<Status> check(const P& progress, State& state) const {
        constexpr bool has_gap = P::has_gap;
        static_assert(has_gap,
                      "RelativeGap needs a linear model with a convex loss, whose dual is known, "
                      "or a method that keeps a dual point: for others use GradientNorm{1e-6}");
        if constexpr (has_gap) {
            const double now =
                P::repeats ? static_cast<double>(progress.iteration()) : progress.whole_epochs();
            if (P::carries_gap || now != state.looked) {
                state.looked = now;
                state.gap = progress.duality_gap().relative();
            }
            if (state.gap <= tolerance) return Status::converged;
        }
        return std::nullopt;
    }
};

}  // namespace ermine
