// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

#include <limits>
#include <tuple>

namespace ermine {

/// Lion (Chen et al., "Symbolic discovery of optimization algorithms", 2023, algorithm 2): the
/// direction is sign(β₁ m + (1 − β₁) g), after which m ← β₂ m + (1 − β₂) g: one vector of memory,
/// and every coordinate moves by exactly one step, so that steps are a tenth of Adam's.
/// `Lion{} | WeightDecay{.rate = 0.1}` is the paper's, whose rate is ten times AdamW's.
struct Lion {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool accumulates = true;
    static constexpr bool keeps_metric = false;

    double beta1 = 0.9;
    double beta2 = 0.99;

    template <class V>
    struct State {
        V mean;
        auto fields() { return std::tie(mean); }
    };

    /// Throws std::invalid_argument unless 0 <= beta1, beta2 < 1.
    template <class V>
    State<V> start(const auto&, const V& x) const {
        require_decay(beta1, "Lion.beta1");
        require_decay(beta2, "Lion.beta2");
        return {V::Zero(x.size())};
    }

    template <class V>
    void apply(auto&& d, State<V>& state, const auto& at, const Clock&) const {
        using Scalar = typename V::Scalar;
        const auto more = static_cast<Scalar>(beta2 - beta1);
        auto m = at(state.mean).array();
        auto u = d.array();
        u -= m;
        m += static_cast<Scalar>(1 - beta2) * u;
        u = m + more * u;  // β₁ m + (1 − β₁) g, with the m before
        // 0 stays 0, NaN and infinities become NaN
        u /= u.abs().max(std::numeric_limits<Scalar>::min());
    }
};

}  // namespace ermine
