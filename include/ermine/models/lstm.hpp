// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/models/cell.hpp>
#include <ermine/models/recurrent.hpp>

namespace ermine {

/// Long short-term memory: c_t = f ∘ c_{t−1} + i ∘ g and h_t = o ∘ tanh(c_t), with the gates, in
/// that order, i, f = σ(…), g = tanh(…), o = σ(…) of W x_t + U h_{t−1} + b (Hochreiter &
/// Schmidhuber, Neural Computation 9, 1997; the forget gate by Gers, Schmidhuber & Cummins, Neural
/// Computation 12, 2000). One bias: PyTorch's is the sum of its two.
struct LstmCell {
    static constexpr const char* name = "lstm";
    static constexpr Index gates = 4;
    static constexpr bool apart = false;
    static constexpr Index extras = 2;  // c_t, tanh(c_t)
    static constexpr bool has_state = true;
    static constexpr bool direct = false;

    double forget_bias = 1;

    [[nodiscard]] static constexpr Squash squash(Index gate) {
        return gate == 2 ? Squash::tanh : Squash::sigmoid;
    }
    [[nodiscard]] double starting_bias(Index gate) const { return gate == 1 ? forget_bias : 0; }

    template <class V>
    V combine(CellStep<LstmCell, V>& step) const {
        const auto& [in, forget, candidate, out] = step.gate;
        step.extra[0] = forget * step.state_before + in * candidate;
        step.extra[1] = tanh(step.extra[0]);
        return out * step.extra[1];
    }

    template <class V>
    CellSlopes<LstmCell, V> spread(const CellStep<LstmCell, V>& step, const V& h_slope,
                                   const V& state_slope) const {
        const auto& [in, forget, candidate, out] = step.gate;
        const V& state = step.extra[1];
        const V slope = state_slope + h_slope * out * (V(1) - state * state);
        CellSlopes<LstmCell, V> back;
        back.gate = {slope * candidate, slope * step.state_before, slope * in, h_slope * state};
        back.state_before = slope * forget;
        return back;
    }
};

using Lstm = Recurrent<LstmCell>;

static_assert(Layer<Lstm>);

/// Options of `lstm`.
struct LstmOptions {
    double forget_bias = 1;        ///< where the bias of the forget gate begins: open (Jozefowicz,
                                   ///< Zaremba & Sutskever, ICML 2015)
    double recurrent_dropout = 0;  ///< share of the recurrent weights left out: see Recurrent
};

/// A layer of so many units with long short-term memory.
inline Lstm lstm(Index units, LstmOptions options = {}) {
    return {.units = units,
            .cell = {.forget_bias = options.forget_bias},
            .recurrent_dropout = options.recurrent_dropout};
}

}  // namespace ermine
