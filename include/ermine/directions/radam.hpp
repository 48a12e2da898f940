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

/// Rectified Adam (Liu et al., "On the variance of the adaptive learning rate and beyond", 2020,
/// algorithm 2): with few squares seen their average is too noisy to divide by, so that the first
/// steps are plain momentum, m̂, and later ones r m̂ √(1 − β₂ᵗ) / (√v + ε), r growing to 1: a warmup
/// that the theory of the noise writes.
struct RAdam {
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
        std::int64_t step = 0;
        double scale = 1;  // of m, or of m / (√v + ε)
        bool rectified = false;
        auto fields() { return std::tuple_cat(moments.fields(), std::tie(step)); }
    };

    /// Throws std::invalid_argument unless 0 <= beta1, beta2 < 1 and epsilon is positive.
    template <class V>
    State<V> start(const auto&, const V& x) const {
        require_decay(beta1, "RAdam.beta1");
        require_decay(beta2, "RAdam.beta2");
        require_positive(epsilon, "RAdam.epsilon");
        return {Moments<V>::zero(x.size())};
    }

    template <class V>
    void begin(State<V>& state, const Clock&) const {
        state.moments.begin(beta1, beta2);
        const double left = state.moments.second_left;
        const double t = static_cast<double>(++state.step);
        const double limit = 2 / (1 - beta2) - 1;  // ρ∞, how many squares the average is made of
        const double seen = limit - 2 * t * left / (1 - left);  // ρₜ
        state.scale = 1 / (1 - state.moments.first_left);
        state.rectified = seen > 5;
        if (state.rectified)
            state.scale *= std::sqrt((1 - left) * (seen - 4) * (seen - 2) * limit /
                                     ((limit - 4) * (limit - 2) * seen));
    }

    template <class V>
    void apply(auto&& d, State<V>& state, const auto& at, const Clock&) const {
        const auto scale = static_cast<typename V::Scalar>(state.scale);
        state.moments.add(d, beta1, beta2, at);
        const auto m = at(state.moments.mean).array();
        if (state.rectified)
            d.array() = scale * m / state.moments.root(epsilon, at);
        else
            d.array() = scale * m;
    }
};

}  // namespace ermine
