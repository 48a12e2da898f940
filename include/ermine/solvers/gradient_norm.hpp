// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/numerics/require.hpp>
#include <ermine/solvers/status.hpp>

#include <optional>
#include <tuple>

namespace ermine {

/// Converged when ‖∇F(x)‖∞ <= tolerance; where the objective has a proximal part, when
/// ‖x − prox(x − ∇f(x))‖∞ is. It is the gradient at the answer that counts: a method that takes
/// its gradients elsewhere has it evaluated there before the run ends, and with minibatches all
/// examples are looked at once an epoch. A method that takes none costs one each round.
struct GradientNorm {
    double tolerance = 1e-6;

    struct State {
        double looked = -1;  // when it was looked at all examples
        double norm = 0;     // what was seen then
        auto fields() { return std::tie(looked, norm); }
    };

    /// Throws std::invalid_argument unless tolerance is finite and not negative.
    State start(const auto&) const {
        require_nonnegative(tolerance, "GradientNorm.tolerance");
        return {};
    }

    template <class P>
    std::optional<Status> check(const P& progress, State& state) const {
        constexpr bool has_gradient = P::has_gradient;
        static_assert(
            has_gradient,
            "GradientNorm needs a gradient: for values alone (NelderMead, CmaEs) use "
            "Spread{.points = 1e-8, .values = 1e-8}, or write f.value_and_gradient(x, g)");
        constexpr bool one_run = !P::many_runs;
        static_assert(one_run || !has_gradient,
                      "GradientNorm would end multi_start in the first minimum: give it to the "
                      "runs, multi_start(method, starts, GradientNorm{.tolerance = 1e-8})");
        if constexpr (has_gradient && one_run) return look(progress, state);
        return std::nullopt;
    }

private:
    template <class P>
    std::optional<Status> look(const P& progress, State& state) const {
        if constexpr (P::carries_gradient)
            if (!(progress.stationarity_here() <= tolerance)) return std::nullopt;
        const double now =
            P::repeats ? static_cast<double>(progress.iteration()) : progress.whole_epochs();
        if (now != state.looked) {
            state.looked = now;
            state.norm = progress.stationarity_at_point();
        }
        if (state.norm <= tolerance) return Status::converged;
        return std::nullopt;
    }
};

}  // namespace ermine
