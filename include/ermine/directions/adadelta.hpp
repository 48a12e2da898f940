// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

#include <tuple>

namespace ermine {

/// AdaDelta (Zeiler, "ADADELTA: an adaptive learning rate method", 2012, algorithm 1): the gradient
/// over its root mean square, times the root mean square u of the directions before, so that a step
/// has the units of the parameters: √(u + ε) / √(v + ε) · g. Its step is Constant{.size = 1}.
struct AdaDelta {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool accumulates = true;
    static constexpr bool keeps_metric = false;

    double decay = 0.9;
    double epsilon = 1e-6;

    template <class V>
    struct State {
        V gradients;   // v, the average square of the gradients
        V directions;  // u, that of the directions
        auto fields() { return std::tie(gradients, directions); }
    };

    /// Throws std::invalid_argument unless 0 <= decay < 1 and epsilon is positive.
    template <class V>
    State<V> start(const auto&, const V& x) const {
        require_decay(decay, "AdaDelta.decay");
        require_positive(epsilon, "AdaDelta.epsilon");
        return {V::Zero(x.size()), V::Zero(x.size())};
    }

    template <class V>
    void apply(auto&& d, State<V>& state, const auto& at, const Clock&) const {
        using Scalar = typename V::Scalar;
        const auto kept = static_cast<Scalar>(decay);
        const auto taken = static_cast<Scalar>(1 - decay);
        const auto small = static_cast<Scalar>(epsilon);
        auto v = at(state.gradients).array();
        auto u = at(state.directions).array();
        v = kept * v + taken * d.array().square();
        // 0 · v is NaN where a square has overflowed: that must end the run, not the coordinate
        d.array() *= (u + small).sqrt() / ((v + small).sqrt() + Scalar{0} * v);
        u = kept * u + taken * d.array().square();
    }
};

}  // namespace ermine
