// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/dual.hpp>

namespace ermine {

/// What a gate makes of the sum that comes in.
enum class Squash { identity, sigmoid, tanh, relu };

template <class V>
V squashed(Squash how, const V& sum) {
    switch (how) {
        case Squash::sigmoid:
            return sigmoid(sum);
        case Squash::tanh:
            return tanh(sum);
        case Squash::relu:
            return positive_part(sum);
        case Squash::identity:
            break;
    }
    return sum;
}

/// 1 where y > 0, which does not move.
template <class V>
Dual<V, 1> heaviside(const Dual<V, 1>& y) {
    Dual<V, 1> result;
    result.value = heaviside(y.value);
    return result;
}

/// Its slope, known from what it makes.
template <class V>
V slope_of(Squash how, const V& y) {
    switch (how) {
        case Squash::sigmoid:
            return y * (V(1) - y);
        case Squash::tanh:
            return V(1) - y * y;
        case Squash::relu:
            return heaviside(y);
        case Squash::identity:
            break;
    }
    return V(1);
}

/// One step in time of some units of one example, as its cell sees it: a V is as many numbers.
///
/// A cell is a value that says how the units of a recurrent layer go from step to step:
///
///     static constexpr const char* name;      // "lstm"
///     static constexpr Index gates;           // each is W x + U h + b, squashed
///     static constexpr bool apart;            // but of the last U h + b' is kept apart
///     static constexpr Index extras;          // how many numbers a unit it keeps of a step: first
///                                             // what is apart or a state, then what it likes
///     static constexpr bool has_state;        // of its own, besides h
///     static constexpr bool direct;           // h depends on h before not by U h alone
///     Squash squash(Index gate) const;
///     double starting_bias(Index gate) const;
///     V combine(CellStep<Cell, V>& step) const;       // fills the extras, returns h
///     CellSlopes<Cell, V> spread(const CellStep<Cell, V>& step, V h_slope, V state_slope) const;
///
/// A V may carry a derivative along, so that these two make all four passes of a layer.
template <class Cell, class V>
struct CellStep {
    std::array<V, static_cast<std::size_t>(Cell::gates)> gate{};  ///< squashed
    std::array<V, static_cast<std::size_t>(Cell::extras)> extra{};
    V before{};        ///< h of the step before
    V state_before{};  ///< the cell's own state there
};

/// Slopes of the loss in what a step was made of.
template <class Cell, class V>
struct CellSlopes {
    std::array<V, static_cast<std::size_t>(Cell::gates)> gate{};
    V apart{};         ///< in U h + b', where that is apart
    V before{};        ///< in h, not by U h, where it is direct
    V state_before{};  ///< in the cell's own state
};

}  // namespace ermine
