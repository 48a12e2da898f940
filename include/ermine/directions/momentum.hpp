// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>

#include <stdexcept>
#include <string>
#include <tuple>

namespace ermine {

/// Heavy ball: m ← decay · m + d, and m is the direction (Polyak 1964). Gradients that agree add up
/// to 1/(1 − decay) steps; those that zigzag across a valley cancel.
struct Momentum {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool accumulates = true;

    double decay = 0.9;

    template <class V>
    struct Velocity {
        V velocity;
        auto fields() { return std::tie(velocity); }
    };

    /// Throws std::invalid_argument unless 0 <= decay < 1.
    template <class V>
    Velocity<V> start(const auto&, const V& x) const {
        if (!(decay >= 0 && decay < 1))
            throw std::invalid_argument("Momentum.decay is " + std::to_string(decay) +
                                        ": it must lie in [0, 1)");
        return {V::Zero(x.size())};
    }

    template <class V>
    void apply(auto&& d, Velocity<V>& state, const auto& at, const Clock&) const {
        auto velocity = at(state.velocity);
        velocity = static_cast<typename V::Scalar>(decay) * velocity + d;
        d = velocity;
    }

    /// At rest the velocity is 1/(1 − decay) gradients: a proximal map behind it takes step · gain.
    double gain(const auto&) const { return 1 / (1 - decay); }
};

}  // namespace ermine
