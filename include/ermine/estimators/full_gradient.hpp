// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>

#include <cmath>
#include <stdexcept>
#include <tuple>

namespace ermine {

/// The gradient of the objective itself: over all examples, where it is a sum over examples.
struct FullGradient {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = true;

    struct State {
        auto fields() { return std::tie(); }
    };

    template <class F, class V>
    static consteval bool check() {
        return true;  // whether there is a gradient is asked once for every method, by minimize
    }

    State start(const auto&, const auto&) const { return {}; }

    double draw(const auto&, State&) const { return 1; }

    const auto& sample(const auto& f, const State&) const { return f; }

    /// 1/L, with L the objective's smoothness(): the longest step with which gradient descent is
    /// certain to descend by its theory (Nesterov 2018, Corollary 2.1.2); 1 where L = 0.
    /// Throws std::invalid_argument where the objective does not know L.
    template <class F>
    double natural_step(const F& f) const {
        if constexpr (Smooth<F>) {
            const double smoothness = f.smoothness();
            if (std::isfinite(smoothness) && smoothness > 0) return 1 / smoothness;
            if (smoothness == 0) return 1;  // the gradient is the same everywhere
            throw std::invalid_argument(
                "no step 1/L: the objective's smoothness() is not a finite number; give "
                "Constant{.size = ...} or use Backtracking{}");
        } else {
            throw std::invalid_argument(
                "no step 1/L: the objective does not know its smoothness(); give "
                "Constant{.size = ...}, use Backtracking{}, or state it by with_lipschitz(f, ...)");
        }
    }
};

}  // namespace ermine
