// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>

#include <ermine/concepts/layer.hpp>
#include <ermine/models/cell.hpp>
#include <ermine/numerics/dual.hpp>
#include <ermine/numerics/lanes.hpp>

namespace ermine {

/// What is known of all steps of a recurrent layer, a column each, or its tangent.
template <class T>
struct Course {
    Activations<T> gates;   ///< squashed; before that the sums
    Activations<T> extras;  ///< what the cell keeps
    Activations<T> slopes;  ///< in the sums that are squashed
    Activations<T> apart;   ///< in U h + b', where that is apart
    Activations<T> carry;   ///< slopes in the states before a step, an example a column
};

/// What a recurrent layer keeps for its cell between the passes of a batch.
template <class T>
struct CellMemory {
    Wire<T> out;
    Course<T> value, tangent;
    Activations<T> first;  ///< h and the cell's state before the first step
};

/// A cell on one column: one step of one example, as many units at a time as a register has lanes.
/// With V = Lanes<T> it computes values and slopes; with V = Dual<Lanes<T>, 1> the same formulas
/// give their tangents.
template <class Cell, class V, class T>
class CellPass {
    static constexpr bool plain = std::same_as<V, Lanes<T>>;

public:
    CellPass(const Cell& cell, Index units, const Pass& pass, CellMemory<T>& memory)
        : cell_(cell), units_(units), pass_(pass), memory_(memory) {}

    /// The sums W x + U h become gates, extras and h; `theta` has the biases that they lack.
    void take_step(LayerParameters<const T> theta, Index t, Index example) const {
        const Index k = t * pass_.examples + example;
        const Column gates = column(memory_.value.gates, memory_.tangent.gates, k);
        const Column extras = column(memory_.value.extras, memory_.tangent.extras, k);
        const Column h = column(memory_.out.value, memory_.out.value_tangent, k);
        const Column h_before = before(t, example);
        const Column state_before = cell_state_before(t, example);
        for (Index u = 0; u < units_; u += Lanes<T>::width) {
            const Index count = units_ - u;
            CellStep<Cell, V> step;
            for (Index j = 0; j < Cell::gates; ++j) {
                V& gate = step.gate[static_cast<std::size_t>(j)];
                const Index row = j * units_ + u;
                gate = finished(cell_.squash(j), load(gates, row, count),
                                Lanes<T>::load(theta[2] + row, count));
                store(gate, gates, row, count);
            }
            if constexpr (Cell::apart)
                step.extra[0] = finished(Squash::identity, load(extras, u, count),
                                         Lanes<T>::load(theta[3] + u, count));
            step.before = load(h_before, u, count);
            if constexpr (Cell::has_state) step.state_before = load(state_before, u, count);
            store(cell_.combine(step), h, u, count);
            for (Index j = 0; j < Cell::extras; ++j)
                store(step.extra[static_cast<std::size_t>(j)], extras, j * units_ + u, count);
        }
    }

    /// The slopes in h, from above and from the step behind, become those of the sums, and of the
    /// states before.
    void take_back(Index t, Index example) const {
        const Index k = t * pass_.examples + example;
        const Column gates = column(memory_.value.gates, memory_.tangent.gates, k);
        const Column extras = column(memory_.value.extras, memory_.tangent.extras, k);
        const Column h_before = before(t, example);
        const Column state_before = cell_state_before(t, example);
        const Column above = column(memory_.out.slope, memory_.out.slope_tangent, k);
        const Column slopes = column(memory_.value.slopes, memory_.tangent.slopes, k);
        const Column apart = column(memory_.value.apart, memory_.tangent.apart, k);
        const Column carry = column(memory_.value.carry, memory_.tangent.carry, example);
        for (Index u = 0; u < units_; u += Lanes<T>::width) {
            const Index count = units_ - u;
            CellStep<Cell, V> step;
            for (Index j = 0; j < Cell::gates; ++j)
                step.gate[static_cast<std::size_t>(j)] = load(gates, j * units_ + u, count);
            for (Index j = 0; j < Cell::extras; ++j)
                step.extra[static_cast<std::size_t>(j)] = load(extras, j * units_ + u, count);
            step.before = load(h_before, u, count);
            V state_slope{};
            if constexpr (Cell::has_state) {
                step.state_before = load(state_before, u, count);
                state_slope = load(carry, units_ + u, count);
            }
            const V h_slope = load(above, u, count) + load(carry, u, count);
            const CellSlopes<Cell, V> back = cell_.spread(step, h_slope, state_slope);
            for (Index j = 0; j < Cell::gates; ++j) {
                const auto gate = static_cast<std::size_t>(j);
                store(back.gate[gate] * slope_of(cell_.squash(j), step.gate[gate]), slopes,
                      j * units_ + u, count);
            }
            if constexpr (Cell::apart) store(back.apart, apart, u, count);
            if constexpr (Cell::direct) store(back.before, carry, u, count);
            if constexpr (Cell::has_state) store(back.state_before, carry, units_ + u, count);
        }
    }

private:
    /// Numbers and, where they are asked for, their tangents; null if they don't move.
    struct Column {
        T* value;
        T* tangent;
    };

    const Cell& cell_;
    Index units_;
    const Pass& pass_;
    CellMemory<T>& memory_;

    static Column column(Activations<T>& value, Activations<T>& tangent, Index k) {
        T* const first = value.data() + k * value.rows();
        if constexpr (plain)
            return {first, nullptr};
        else
            return {first, tangent.data() + k * tangent.rows()};
    }

    Column before(Index t, Index example) const {
        if (t == 0) return {memory_.first.data() + example * memory_.first.rows(), nullptr};
        return column(memory_.out.value, memory_.out.value_tangent,
                      (t - 1) * pass_.examples + example);
    }
    Column cell_state_before(Index t, Index example) const {
        if constexpr (!Cell::has_state)
            return {};
        else if (t == 0)
            return {memory_.first.data() + example * memory_.first.rows() + units_, nullptr};
        else
            return column(memory_.value.extras, memory_.tangent.extras,
                          (t - 1) * pass_.examples + example);
    }

    static V load(const Column& from, Index at, Index count) {
        const auto value = Lanes<T>::load(from.value + at, count);
        if constexpr (plain) {
            return value;
        } else {
            V result;
            result.value = value;
            if (from.tangent != nullptr) result.slope[0] = Lanes<T>::load(from.tangent + at, count);
            return result;
        }
    }

    static void store(const V& numbers, const Column& to, Index at, Index count) {
        if constexpr (plain) {
            numbers.store(to.value + at, count);
        } else {
            numbers.value.store(to.value + at, count);
            numbers.slope[0].store(to.tangent + at, count);
        }
    }

    /// What a gate says of its sum. The tangent is that of the sum still, the value is squashed
    /// already.
    static V finished(Squash how, V gate, const Lanes<T>& bias) {
        if constexpr (plain) {
            return squashed(how, gate + bias);
        } else {
            gate.slope[0] = slope_of(how, gate.value) * (gate.slope[0] + bias);
            return gate;
        }
    }
};

}  // namespace ermine
