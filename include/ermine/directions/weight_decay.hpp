// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/numerics/require.hpp>

#include <tuple>

namespace ermine {

/// Adds rate · x to the direction: the parameters decay by step · rate in each step.
///
/// Where it stands decides what it is. Behind the parts that rescale the gradient it is decoupled
/// (Loshchilov & Hutter, "Decoupled weight decay regularization", 2019, algorithm 2): all
/// parameters decay alike; `Adam{} | WeightDecay{.rate = 0.01}` is AdamW. Before them it is
/// coupled, the gradient of rate/2 · ‖x‖², which large gradients drown: `WeightDecay{.rate = 1e-4}
/// | Momentum{}` is what `weight_decay` means in SGD. A penalty that belongs to the objective,
/// whose value it then shows, is `+ L2{rate}`.
struct WeightDecay {
    static constexpr Role role = Role::direction;
    using form = Elementwise;
    static constexpr bool measures = false;
    static constexpr bool accumulates = true;  // a line search would not see what it adds

    double rate = 0.01;

    struct State {
        auto fields() { return std::tie(); }
    };

    /// Throws std::invalid_argument unless rate is finite and not negative.
    State start(const auto&, const auto&) const {
        require_nonnegative(rate, "WeightDecay.rate");
        return {};
    }

    template <class D>
    void apply(D&& d, const auto& x, State&, const auto&, const Clock&) const {
        d += static_cast<typename std::remove_cvref_t<D>::Scalar>(rate) * x;
    }
};

}  // namespace ermine
