// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <tuple>

namespace ermine {

/// Polyak's step (1969) where the least value f* is known: (f(x) − f*) / ‖∇f(x)‖². For convex f
/// each step brings x nearer to the minimizer, subgradients included (Polyak 1987, section 5.3).
struct Polyak {
    static constexpr Role role = Role::step;
    static constexpr bool searches = false;
    static constexpr bool measures_gradient = true;

    double minimum = 0;  ///< f*; a bound below it makes steps too long

    struct State {
        auto fields() { return std::tie(); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool smooth = !Composite<F, V>;
        static_assert(smooth,
                      "Polyak's step needs the gradient of the whole objective, and a proximal "
                      "penalty (L1, ElasticNet, Box) has none: use Constant{} or Backtracking{}");
        return smooth;
    }

    /// Throws std::invalid_argument for a minimum that is not finite.
    State start(const auto&, const auto&, const auto&) const {
        if (!std::isfinite(minimum))
            throw std::invalid_argument("Polyak.minimum is not finite: give the least value of f");
        return {};
    }

    template <class V>
    double length(const Evaluation<V>& here, const Clock&, const State&) const {
        const auto squared = static_cast<double>(here.gradient.squaredNorm());
        return squared > 0 ? std::max(0.0, here.value - minimum) / squared : 0;
    }
};

}  // namespace ermine
