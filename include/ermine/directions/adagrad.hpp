// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

#include <tuple>

namespace ermine {

/// AdaGrad (Duchi, Hazan & Singer, "Adaptive subgradient methods for online learning and stochastic
/// optimization", 2011, figure 1 with diagonal matrices): s ← s + g², and g / (√s + ε) is the
/// direction. Coordinates that are seldom active keep long steps; all of them shrink as 1/√t.
struct AdaGrad {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool keeps_metric = false;

    double epsilon = 1e-10;
    double initial = 0;  ///< what s begins with

    template <class V>
    struct State {
        V sum;
        auto fields() { return std::tie(sum); }
    };

    /// Throws std::invalid_argument unless epsilon is positive, and initial finite and not
    /// negative.
    template <class V>
    State<V> start(const auto&, const V& x) const {
        require_positive(epsilon, "AdaGrad.epsilon");
        require_nonnegative(initial, "AdaGrad.initial");
        return {V::Constant(x.size(), static_cast<typename V::Scalar>(initial))};
    }

    template <class V>
    void apply(auto&& d, State<V>& state, const auto& at, const Clock&) const {
        using Scalar = typename V::Scalar;
        auto sum = at(state.sum).array();
        sum += d.array().square();
        // 0 · s is NaN where a square has overflowed: that must end the run, not the coordinate
        d.array() /= sum.sqrt() + (static_cast<Scalar>(epsilon) + Scalar{0} * sum);
    }
};

}  // namespace ermine
