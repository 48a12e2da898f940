// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <tuple>

namespace ermine {

/// Polyak's step on what the estimator sees, with a bound: min((f_B(x) − f*) / (c ‖∇f_B(x)‖²),
/// longest) for a batch B (SPS_max: Loizou, Vaswani, Laradji & Lacoste-Julien, "Stochastic Polyak
/// step-size for SGD", AISTATS 2021, eq. 4). It needs no constant of the objective. Where one model
/// fits all examples it converges as fast as gradient descent on a convex smooth function; where
/// none does, to a neighbourhood that grows with `longest`.
struct StochasticPolyak {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;
    static constexpr bool measures_gradient = true;

    double minimum = 0;  ///< f*, the least value of a batch: 0 for unregularized losses
    double c = 0.5;      ///< ½ for strongly convex functions, 1 for convex ones (their Theorem 3.4)
    double longest = 1;

    struct State {
        auto fields() { return std::tie(); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool smooth = !Composite<F, V>;
        static_assert(smooth,
                      "StochasticPolyak needs the gradient of the whole objective, and a proximal "
                      "penalty (L1, ElasticNet, Box) has none: use a schedule such as "
                      "Cosine{.initial = 0.1}");
        return smooth;
    }

    /// Throws std::invalid_argument for an option out of its range.
    State start(const auto&, const auto&, const auto&) const {
        if (!std::isfinite(minimum))
            refuse("StochasticPolyak.minimum", minimum, "it must be finite");
        require_positive(c, "StochasticPolyak.c");
        require_positive(longest, "StochasticPolyak.longest");
        return {};
    }

    template <class V>
    double length(const Evaluation<V>& here, const Clock&, const State&) const {
        const auto squared = static_cast<double>(here.gradient.squaredNorm());
        const double above = std::max(0.0, here.value - minimum);
        return above < longest * c * squared ? above / (c * squared) : longest;
    }
};

}  // namespace ermine
