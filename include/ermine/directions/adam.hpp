// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/directions/moments.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Adam (Kingma & Ba, "Adam: a method for stochastic optimization", 2015, algorithm 1): the average
/// gradient over the root of the average square, m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and
/// v̂ = v / (1 − β₂ᵗ), so that each coordinate moves by about one step whatever its units.
///
/// `Adam{} | WeightDecay{.rate = 0.01}` is AdamW; `WeightDecay{...} | Adam{}` is Adam with an L2
/// penalty.
struct Adam {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool accumulates = true;
    static constexpr bool keeps_metric = false;

    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;

    template <class V>
    struct State {
        Moments<V> moments;
        typename Moments<V>::Correction correction = {};
        auto fields() { return moments.fields(); }  // the rest is made anew each step
    };

    /// Throws std::invalid_argument unless 0 <= beta1, beta2 < 1 and epsilon is positive.
    template <class V>
    State<V> start(const auto&, const V& x) const {
        require_decay(beta1, "Adam.beta1");
        require_decay(beta2, "Adam.beta2");
        require_positive(epsilon, "Adam.epsilon");
        return {Moments<V>::zero(x.size())};
    }

    template <class V>
    void begin(State<V>& state, const Clock&) const {
        state.moments.begin(beta1, beta2);
        state.correction = state.moments.correction(epsilon);
    }

    template <class V>
    void apply(auto&& d, State<V>& state, const auto& at, const Clock&) const {
        const auto scale = static_cast<typename V::Scalar>(state.correction.scale);
        state.moments.add(d, beta1, beta2, at);
        d.array() =
            scale * at(state.moments.mean).array() / state.moments.root(state.correction.small, at);
    }
};

}  // namespace ermine
