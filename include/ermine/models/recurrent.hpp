// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <concepts>
#include <stdexcept>
#include <string>

#include <ermine/concepts/layer.hpp>
#include <ermine/models/cell_pass.hpp>
#include <ermine/models/dropped_weights.hpp>
#include <ermine/models/share_steps.hpp>
#include <ermine/numerics/add_columns.hpp>
#include <ermine/numerics/dual.hpp>
#include <ermine/numerics/lanes.hpp>
#include <ermine/numerics/packed_factor.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/strided.hpp>
#include <ermine/numerics/tiled_product.hpp>

namespace ermine {

/// A layer whose units hear of each other's last step: h_t is what a cell makes of W x_t, U h_{t−1}
/// and a bias (see CellStep). It hands on h of every step. Derivatives are taken back through all
/// steps of a pass (Werbos, "Backpropagation through time", Proc. IEEE 78, 1990), and end where it
/// begins: `pass.state` says in which state.
///
/// "input_weights" W and "recurrent_weights" U have a row a unit, the gates one below the other,
/// and are penalized; "bias", and where a cell keeps U h apart "recurrent_bias", are not.
///
/// W x is one product for all steps, and so are all gradients of weights: only U h is one a step.
/// Behind the end of an example h is 0.
///
/// With `recurrent_dropout` each number of U is left out of a pass of training with that
/// probability, the same in all steps (Merity, Keskar & Socher, "Regularizing and optimizing LSTM
/// language models", ICLR 2018, section 2).
template <class Cell>
struct Recurrent {
    static constexpr const char* name = Cell::name;
    static constexpr Index parts = Cell::apart ? 4 : 3;

    Index units = 1;
    Cell cell = {};
    double recurrent_dropout = 0;  ///< in [0, 1)

    /// U or its transpose, the part of what is apart by itself.
    template <class T>
    struct Factors {
        PackedFactor<T> joined, apart;
    };

    template <class T>
    struct Memory : CellMemory<T> {
        bool begun = false;             // whether the first step has something before it
        Factors<T> ahead;               // U
        Factors<T> back, back_tangent;  // Uᵀ
        DroppedWeights<T> value_weights, tangent_weights;
    };

    /// Throws std::invalid_argument for units < 1 and a share that is none.
    Index outputs(Index, const std::string& where) const {
        require_count(units, (where + ".units").c_str());
        require_decay(recurrent_dropout, (where + ".recurrent_dropout").c_str());
        return units;
    }

    void list(Index inputs, auto&& add) const {
        add("input_weights", Cell::gates * units, inputs, true, Cell::gates);
        add("recurrent_weights", Cell::gates * units, units, true, Cell::gates);
        add("bias", Cell::gates * units, Index{1}, false, Cell::gates);
        if constexpr (Cell::apart) add("recurrent_bias", units, Index{1}, false);
    }

    /// Biases as the cell says: 1 for a gate that is open at first.
    template <class T>
    void starting_values(Index, LayerParameters<T> theta) const {
        for (Index gate = 0; gate < Cell::gates; ++gate)
            std::fill_n(theta[2] + gate * units, units, static_cast<T>(cell.starting_bias(gate)));
    }

    template <class T>
    Wire<T>& forward(const Pass& pass, LayerParameters<const T> theta, Wire<T>& in,
                     Memory<T>& memory) const {
        const Index columns = in.value.cols();
        begin(pass, columns, memory);
        memory.value.gates.resize(Cell::gates * units, columns);
        memory.value.extras.resize(Cell::extras * units, columns);
        memory.out.value.resize(units, columns);
        if (drops(pass))
            memory.value_weights.draw(Cell::gates * units * units, recurrent_dropout, pass.draw);
        pack(recurrent_weights(pass, theta, memory, memory.value_weights), memory.ahead);
        tiled_product(memory.value.gates, input_weights(theta, in), in.value);
        ascend<Lanes<T>>(pass, theta, memory);
        memory.out.needed = true;
        memory.out.overwritable = false;
        return memory.out;
    }

    template <class T>
    void backward(const Pass& pass, LayerParameters<const T> theta, Wire<T>& in, Wire<T>&,
                  LayerParameters<T> g, Memory<T>& memory) const {
        make_room(memory.value, in.value.cols(), pass.examples);
        pack_transposed(recurrent_weights(pass, theta, memory, memory.value_weights), memory.back);
        descend<Lanes<T>>(pass, memory);
        tiled_product(input_weights(g, in), memory.value.slopes, in.value.transpose(), pass.add);
        const Index n = pass.examples;
        const bool add = put_aside(pass, g, memory);
        add_recurrent_gradient(memory.value, all_but_last(memory.out.value, n), n, g, add);
        if (memory.begun) add_recurrent_gradient(memory.value, h_of(memory.first), 0, g, true);
        if (drops(pass)) memory.value_weights.mask(g[1], pass.add);
        add_bias_gradient(memory.value, g, pass.add);
        if (!in.needed) return;
        in.slope.resizeLike(in.value);
        tiled_product(in.slope, input_weights(theta, in).transpose(), memory.value.slopes);
    }

    template <class T>
    void tangent(const Pass& pass, LayerParameters<const T> theta, LayerParameters<const T> v,
                 Wire<T>& in, Wire<T>& out, Memory<T>& memory) const {
        Course<T>& moved = memory.tangent;
        moved.gates.resizeLike(memory.value.gates);
        moved.extras.resizeLike(memory.value.extras);
        out.value_tangent.resizeLike(out.value);
        tiled_product(moved.gates, input_weights(v, in), in.value);
        if (in.needed)  // otherwise nothing before moves
            tiled_product(moved.gates, input_weights(theta, in), in.value_tangent, true);
        const Index n = pass.examples;
        if constexpr (Cell::apart) moved.extras.topRows(units).setZero();
        const auto along = recurrent_weights(pass, v, memory, memory.tangent_weights);
        add_moved_weights(moved, along, all_but_last(out.value, n), n);
        if (memory.begun) add_moved_weights(moved, along, h_of(memory.first), 0);
        ascend<Dual<Lanes<T>, 1>>(pass, v, memory);
    }

    template <class T>
    void tangent_backward(const Pass& pass, LayerParameters<const T> theta,
                          LayerParameters<const T> v, Wire<T>& in, Wire<T>& out,
                          LayerParameters<T> h, Memory<T>& memory) const {
        const Course<T>& value = memory.value;
        const Course<T>& moved = memory.tangent;
        make_room(memory.tangent, in.value.cols(), pass.examples);
        pack_transposed(recurrent_weights(pass, theta, memory, memory.value_weights), memory.back);
        pack_transposed(recurrent_weights(pass, v, memory, memory.tangent_weights),
                        memory.back_tangent);
        descend<Dual<Lanes<T>, 1>>(pass, memory);
        tiled_product(input_weights(h, in), moved.slopes, in.value.transpose(), pass.add);
        const Index n = pass.examples;
        const bool add = put_aside(pass, h, memory);
        add_recurrent_gradient(moved, all_but_last(out.value, n), n, h, add);
        add_recurrent_gradient(value, all_but_last(out.value_tangent, n), n, h, true);
        if (memory.begun) add_recurrent_gradient(moved, h_of(memory.first), 0, h, true);
        if (drops(pass)) memory.value_weights.mask(h[1], pass.add);
        add_bias_gradient(moved, h, pass.add);
        if (!in.needed) return;
        tiled_product(input_weights(h, in), value.slopes, in.value_tangent.transpose(), true);
        in.slope_tangent.resizeLike(in.value);
        tiled_product(in.slope_tangent, input_weights(theta, in).transpose(), moved.slopes);
        tiled_product(in.slope_tangent, input_weights(v, in).transpose(), value.slopes, true);
    }

private:
    static constexpr Index states = Cell::has_state ? 2 : 1;
    static constexpr Index joined = Cell::gates - (Cell::apart ? 1 : 0);

    template <class T>
    using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    template <class T>
    auto input_weights(LayerParameters<const T> from, const Wire<T>& in) const {
        return Eigen::Map<const RowMajor<T>>(from[0], Cell::gates * units, in.value.rows());
    }
    template <class T>
    auto input_weights(LayerParameters<T> from, const Wire<T>& in) const {
        return Eigen::Map<RowMajor<T>>(from[0], Cell::gates * units, in.value.rows());
    }
    [[nodiscard]] bool drops(const Pass& pass) const {
        return pass.training && recurrent_dropout > 0;
    }
    /// Whether slopes of U are added to those that are there; such as are masked later are not, and
    /// those that are there are put aside.
    template <class T>
    bool put_aside(const Pass& pass, LayerParameters<T> g, Memory<T>& memory) const {
        if (drops(pass) && pass.add) memory.value_weights.put_aside(g[1]);
        return pass.add && !drops(pass);
    }
    /// U, or a tangent of it, without what is left out: `dropped` is room for that.
    template <class T>
    auto recurrent_weights(const Pass& pass, LayerParameters<const T> from, const Memory<T>& memory,
                           DroppedWeights<T>& dropped) const {
        const T* values = from[1];
        if (drops(pass)) values = dropped.of(values, memory.value_weights.kept);
        return Eigen::Map<const RowMajor<T>>(values, Cell::gates * units, units);
    }
    auto h_of(const auto& first) const { return first.topRows(units); }
    static auto all_but_last(const auto& steps, Index examples) {
        return steps.leftCols(steps.cols() - examples);
    }

    /// The state before the first step.
    template <class T>
    void begin(const Pass& pass, Index columns, Memory<T>& memory) const {
        if (pass.examples < 1 || columns != pass.examples * pass.steps)
            throw std::invalid_argument(std::string(name) + ": " + std::to_string(columns) +
                                        " columns come in, not " + std::to_string(pass.steps) +
                                        " steps of " + std::to_string(pass.examples) +
                                        " examples each");
        if (pass.state == InitialState::zero) {
            memory.first.setZero(states * units, pass.examples);
            memory.begun = false;
            return;
        }
        if (memory.first.cols() != pass.examples)
            throw std::invalid_argument(std::string(name) + ": " + std::to_string(pass.examples) +
                                        " examples cannot go on where " +
                                        std::to_string(memory.first.cols()) + " have ended");
        if (pass.state == InitialState::repeated) return;
        memory.begun = true;
        memory.first.topRows(units) = memory.out.value.rightCols(pass.examples);
        if constexpr (Cell::has_state)
            memory.first.bottomRows(units) =
                memory.value.extras.topRows(units).rightCols(pass.examples);
    }

    template <class T>
    void make_room(Course<T>& course, Index columns, Index examples) const {
        course.slopes.resize(Cell::gates * units, columns);
        if constexpr (Cell::apart) course.apart.resize(units, columns);
        course.carry.setZero(states * units, examples);
    }

    template <class T>
    void each_step(const Pass& pass, const auto& one, const auto& other) const {
        const Index bytes = Cell::gates * units * units * Index{sizeof(T)};
        share_steps(pass.steps, pass.examples, bytes, one, other);
    }

    static bool over(const Pass& pass, Index step, Index example) {
        return pass.lengths != nullptr && pass.lengths[example] <= step;
    }

    template <class T>
    void pack(const auto& weights, Factors<T>& to) const {
        to.joined.pack(strided(weights).block(0, 0, joined * units, units));
        if constexpr (Cell::apart)
            to.apart.pack(strided(weights).block(joined * units, 0, units, units));
    }
    template <class T>
    void pack_transposed(const auto& weights, Factors<T>& to) const {
        const auto turned = strided(weights).transposed();
        to.joined.pack(turned.block(0, 0, units, joined * units));
        if constexpr (Cell::apart) to.apart.pack(turned.block(0, joined * units, units, units));
    }

    /// A share of U h into the sums of so many columns from `at` on; what is apart is written
    /// unless `add`.
    template <class T>
    void add_recurrent(Course<T>& course, const Factors<T>& factors, Strided<const T> h, Index at,
                       bool add, const StepShare& share) const {
        factors.joined.multiply(strided(course.gates).block(0, at, joined * units, h.columns), h,
                                true, share.part, share.parts);
        if constexpr (Cell::apart)
            factors.apart.multiply(strided(course.extras).block(0, at, units, h.columns), h, add,
                                   share.part, share.parts);
    }

    /// A share of Uᵀ times the slopes of so many columns from `at` on.
    template <class T>
    void carry_back(Course<T>& to, const Factors<T>& factors, const Course<T>& course, Index at,
                    bool add, const StepShare& share) const {
        const Index n = share.columns;
        const auto carry = strided(to.carry).block(0, share.first_column, units, n);
        factors.joined.multiply(carry, strided(course.slopes).block(0, at, joined * units, n), add,
                                share.part, share.parts);
        if constexpr (Cell::apart)
            factors.apart.multiply(carry, strided(course.apart).block(0, at, units, n), true,
                                   share.part, share.parts);
    }

    /// The tangent of U times h, into the sums of so many columns from `at` on.
    template <class T>
    void add_moved_weights(Course<T>& moved, const auto& weights, const auto& h, Index at) const {
        tiled_product(moved.gates.block(0, at, joined * units, h.cols()),
                      weights.topRows(joined * units), h, true);
        if constexpr (Cell::apart)
            tiled_product(moved.extras.block(0, at, units, h.cols()), weights.bottomRows(units), h,
                          true);
    }

    /// The slopes of so many columns from `at` on times h of the step before them.
    template <class T>
    void add_recurrent_gradient(const Course<T>& course, const auto& h, Index at,
                                LayerParameters<T> g, bool add) const {
        Eigen::Map<RowMajor<T>> to(g[1], Cell::gates * units, units);
        tiled_product(to.topRows(joined * units),
                      course.slopes.block(0, at, joined * units, h.cols()), h.transpose(), add);
        if constexpr (Cell::apart)
            tiled_product(to.bottomRows(units), course.apart.middleCols(at, h.cols()),
                          h.transpose(), add);
    }

    template <class T>
    void add_bias_gradient(const Course<T>& course, LayerParameters<T> g, bool add) const {
        using Numbers = Eigen::Map<Eigen::Matrix<T, Eigen::Dynamic, 1>>;
        add_columns(course.slopes, Numbers(g[2], Cell::gates * units), add);
        if constexpr (Cell::apart) add_columns(course.apart, Numbers(g[3], units), add);
    }

    /// All steps of all examples, from the first on: what forward does, with Lanes, and with Dual
    /// of them tangent. `theta` has the biases that are added.
    template <class V, class T>
    void ascend(const Pass& pass, LayerParameters<const T> theta, Memory<T>& memory) const {
        constexpr bool plain = std::same_as<V, Lanes<T>>;
        Course<T>& course = plain ? memory.value : memory.tangent;
        Activations<T>& h = plain ? memory.out.value : memory.out.value_tangent;
        const CellPass<Cell, V, T> by{cell, units, pass, memory};
        const auto multiply = [&](Index t, const StepShare& share) {
            const Index at = t * pass.examples + share.first_column;
            const Index n = share.columns;
            if (t > 0)
                add_recurrent<T>(course, memory.ahead,
                                 strided(h).block(0, at - pass.examples, units, n), at, !plain,
                                 share);
            else if (plain && memory.begun)
                add_recurrent<T>(course, memory.ahead,
                                 strided(memory.first).block(0, share.first_column, units, n), at,
                                 false, share);
            else if (plain && Cell::apart && share.part == 0)
                course.extras.block(0, at, units, n).setZero();
        };
        const auto take = [&](Index t, const StepShare& share) {
            for (Index k = share.first; k < share.first + share.count; ++k) {
                if (over(pass, t, k))
                    clear(course, h, t * pass.examples + k);
                else
                    by.take_step(theta, t, k);
            }
        };
        each_step<T>(pass, multiply, take);
    }

    template <class T>
    static void clear(Course<T>& course, Activations<T>& h, Index k) {
        course.gates.col(k).setZero();
        course.extras.col(k).setZero();
        h.col(k).setZero();
    }

    /// All steps from the last on: what backward does, with Lanes, and with Dual of them
    /// tangent_backward.
    template <class V, class T>
    void descend(const Pass& pass, Memory<T>& memory) const {
        constexpr bool plain = std::same_as<V, Lanes<T>>;
        Course<T>& value = memory.value;
        Course<T>& moved = memory.tangent;
        const CellPass<Cell, V, T> by{cell, units, pass, memory};
        if constexpr (!plain) value.carry.setZero();
        const auto take = [&](Index behind, const StepShare& share) {
            const Index t = pass.steps - 1 - behind;
            for (Index k = share.first; k < share.first + share.count; ++k) {
                if (over(pass, t, k))
                    clear_slopes(plain ? value : moved, t * pass.examples + k);
                else
                    by.take_back(t, k);
            }
        };
        const auto multiply = [&](Index behind, const StepShare& share) {
            const Index t = pass.steps - 1 - behind;
            if (t == 0) return;
            const Index at = t * pass.examples + share.first_column;
            carry_back(value, memory.back, value, at, Cell::direct, share);
            if constexpr (!plain) {
                carry_back(moved, memory.back, moved, at, Cell::direct, share);
                carry_back(moved, memory.back_tangent, value, at, true, share);
            }
        };
        each_step<T>(pass, take, multiply);
    }

    template <class T>
    static void clear_slopes(Course<T>& course, Index k) {
        course.slopes.col(k).setZero();
        if constexpr (Cell::apart) course.apart.col(k).setZero();
    }
};

}  // namespace ermine
