// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

#include <tuple>

namespace ermine {

/// Heavy ball: m ← decay · m + d, and m is the direction (Polyak 1964). Gradients that agree add up
/// to 1/(1 − decay) steps; those that zigzag across a valley cancel. With `nesterov` the direction
/// is d + decay · m, Nesterov's momentum in the variables of Sutskever, Martens, Dahl & Hinton ("On
/// the importance of initialization and momentum in deep learning", 2013, eqs. 3–4, written for the
/// point where the gradient is taken).
struct Momentum {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool accumulates = true;

    double decay = 0.9;
    bool nesterov = false;

    template <class V>
    struct Velocity {
        V velocity;
        auto fields() { return std::tie(velocity); }
    };

    /// Throws std::invalid_argument unless 0 <= decay < 1.
    template <class V>
    Velocity<V> start(const auto&, const V& x) const {
        require_decay(decay, "Momentum.decay");
        return {V::Zero(x.size())};
    }

    template <class V>
    void apply(auto&& d, Velocity<V>& state, const auto& at, const Clock&) const {
        const auto kept = static_cast<typename V::Scalar>(decay);
        auto velocity = at(state.velocity);
        velocity = kept * velocity + d;
        if (nesterov)
            d += kept * velocity;
        else
            d = velocity;
    }

    /// At rest the velocity is 1/(1 − decay) gradients, and so is Nesterov's direction: a proximal
    /// map behind it takes step · gain.
    double gain(const auto&) const { return 1 / (1 - decay); }
};

}  // namespace ermine
