// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/models/cell.hpp>
#include <ermine/models/recurrent.hpp>

namespace ermine {

/// Gated recurrent units: h_t = (1 − z) ∘ n + z ∘ h_{t−1} with the gates, in that order, r, z =
/// σ(W x_t + U h_{t−1} + b), and n = tanh(W x_t + b + r ∘ (U h_{t−1} + b')) (Cho et al., EMNLP
/// 2014, in the variant of PyTorch and cuDNN, which resets behind the product). b' is the block
/// "recurrent_bias"; of PyTorch's second bias the parts of r and z are redundant, and left out.
struct GruCell {
    static constexpr const char* name = "gru";
    static constexpr Index gates = 3;
    static constexpr bool apart = true;
    static constexpr Index extras = 2;  // U h + b', n
    static constexpr bool has_state = false;
    static constexpr bool direct = true;

    [[nodiscard]] static constexpr Squash squash(Index gate) {
        return gate == 2 ? Squash::identity : Squash::sigmoid;
    }
    [[nodiscard]] static constexpr double starting_bias(Index) { return 0; }

    template <class V>
    V combine(CellStep<GruCell, V>& step) const {
        const auto& [reset, update, input] = step.gate;
        step.extra[1] = tanh(input + reset * step.extra[0]);
        return step.extra[1] + update * (step.before - step.extra[1]);
    }

    template <class V>
    CellSlopes<GruCell, V> spread(const CellStep<GruCell, V>& step, const V& h_slope,
                                  const V&) const {
        const auto& [reset, update, input] = step.gate;
        const auto& [recurrent, candidate] = step.extra;
        const V sum = h_slope * (V(1) - update) * (V(1) - candidate * candidate);
        CellSlopes<GruCell, V> back;
        back.gate = {sum * recurrent, h_slope * (step.before - candidate), sum};
        back.apart = sum * reset;
        back.before = h_slope * update;
        return back;
    }
};

using Gru = Recurrent<GruCell>;

static_assert(Layer<Gru>);

/// A layer of so many gated recurrent units.
inline Gru gru(Index units) { return {.units = units}; }

}  // namespace ermine
