// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/directions/moments.hpp>
#include <ermine/numerics/require.hpp>

#include <cmath>
#include <cstdint>
#include <tuple>

namespace ermine {

/// Adam with Nesterov's momentum (Dozat, "Incorporating Nesterov momentum into Adam", 2016,
/// algorithm 2): ((1 − μₜ) g / (1 − Πᵢ≤ₜ μᵢ) + μₜ₊₁ m / (1 − Πᵢ≤ₜ₊₁ μᵢ)) / (√v̂ + ε) with the
/// growing momentum μₜ = β₁ (1 − 0.96^(t ψ) / 2), ψ = `momentum_decay`.
struct NAdam {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool accumulates = true;
    static constexpr bool keeps_metric = false;

    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double momentum_decay = 0.004;

    template <class V>
    struct State {
        Moments<V> moments;
        std::int64_t step = 0;
        double momenta = 1;      // Πᵢ≤ₜ μᵢ
        double of_gradient = 0;  // the factor of g, ...
        double of_mean = 0;      // ... and that of m
        double epsilon = 0;      // ε √(1 − β₂ᵗ)
        auto fields() { return std::tuple_cat(moments.fields(), std::tie(step, momenta)); }
    };

    /// Throws std::invalid_argument unless 0 <= beta1, beta2 < 1, epsilon is positive and
    /// momentum_decay is finite and not negative.
    template <class V>
    State<V> start(const auto&, const V& x) const {
        require_decay(beta1, "NAdam.beta1");
        require_decay(beta2, "NAdam.beta2");
        require_positive(epsilon, "NAdam.epsilon");
        require_nonnegative(momentum_decay, "NAdam.momentum_decay");
        return {Moments<V>::zero(x.size())};
    }

    template <class V>
    void begin(State<V>& state, const Clock&) const {
        state.moments.begin(beta1, beta2);
        const double root = std::sqrt(1 - state.moments.second_left);
        const double now = momentum(++state.step);
        const double next = momentum(state.step + 1);
        state.momenta *= now;
        state.of_gradient = root * (1 - now) / (1 - state.momenta);
        state.of_mean = root * next / (1 - state.momenta * next);
        state.epsilon = epsilon * root;
    }

    template <class V>
    void apply(auto&& d, State<V>& state, const auto& at, const Clock&) const {
        using Scalar = typename V::Scalar;
        state.moments.add(d, beta1, beta2, at);
        d.array() = (static_cast<Scalar>(state.of_gradient) * d.array() +
                     static_cast<Scalar>(state.of_mean) * at(state.moments.mean).array()) /
                    state.moments.root(state.epsilon, at);
    }

private:
    double momentum(std::int64_t step) const {
        return beta1 * (1 - 0.5 * std::pow(0.96, static_cast<double>(step) * momentum_decay));
    }
};

}  // namespace ermine
