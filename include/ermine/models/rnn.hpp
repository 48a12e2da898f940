// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/models/cell.hpp>
#include <ermine/models/recurrent.hpp>

namespace ermine {

/// h_t = φ(W x_t + U h_{t−1} + b) (Elman, "Finding structure in time", Cognitive Science 14, 1990).
struct ElmanCell {
    static constexpr const char* name = "rnn";
    static constexpr Index gates = 1;
    static constexpr bool apart = false;
    static constexpr Index extras = 0;
    static constexpr bool has_state = false;
    static constexpr bool direct = false;

    Squash activation = Squash::tanh;

    [[nodiscard]] Squash squash(Index) const { return activation; }
    [[nodiscard]] static constexpr double starting_bias(Index) { return 0; }

    template <class V>
    V combine(CellStep<ElmanCell, V>& step) const {
        return step.gate[0];
    }

    template <class V>
    CellSlopes<ElmanCell, V> spread(const CellStep<ElmanCell, V>&, const V& h_slope,
                                    const V&) const {
        CellSlopes<ElmanCell, V> back;
        back.gate[0] = h_slope;
        return back;
    }
};

using Rnn = Recurrent<ElmanCell>;

static_assert(Layer<Rnn>);

/// A simple recurrent layer of so many units, with tanh, or `rnn(units, Squash::relu)`: then begin
/// its recurrent weights at the identity (Le, Jaitly & Hinton, arXiv:1504.00941, 2015).
inline Rnn rnn(Index units, Squash activation = Squash::tanh) {
    return {.units = units, .cell = {.activation = activation}};
}

}  // namespace ermine
