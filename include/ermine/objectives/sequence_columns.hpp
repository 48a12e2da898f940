// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/data/sequences.hpp>
#include <ermine/objectives/example_columns.hpp>

namespace ermine {

/// How sequences become the columns that a network takes: step t of example k of a batch of n is
/// column t n + k. Behind the end of a sequence columns are 0 and count nothing.
///
/// The loss of an example is that of its steps, so that the mean over all examples is the mean over
/// all steps, and the mean over batches estimates it without bias; or it is that of the last step,
/// where there is one target a sequence.
///
/// Of streams a batch is a window of each, all at the same place. Recurrent layers take it up in
/// the state in which they left the window before, if that was the batch before, and from zero
/// otherwise; the same window once more begins as it did.
template <class S>
class ExampleColumns<Sequences<S>> {
public:
    using Data = Sequences<S>;
    static constexpr bool independent = false;  // streams carry their state from piece to piece

    template <class T>
    struct Memory {
        Activations<T> targets;
        Eigen::ArrayXd weights;
        std::vector<Index> lengths;
        Index window = none;  ///< that streams were at last
    };

    explicit ExampleColumns(Data data) : data_(std::move(data)) {}

    [[nodiscard]] const Data& data() const { return data_; }
    [[nodiscard]] Index piece() const {
        return data_.streams() > 0 ? data_.streams() : std::max<Index>(512 / data_.longest(), 16);
    }
    [[nodiscard]] Index predicted() const {
        return data_.target_each_step() ? data_.total_steps() : data_.examples();
    }
    [[nodiscard]] Index predicted_row(Index first, Index column, const Pass& pass) const {
        const Index example = first + column % pass.examples;
        const Index step = column / pass.examples;
        if (!counts(example, step)) return -1;
        return data_.target_each_step() ? data_.steps_before(example) + step : example;
    }

    template <class T>
    [[nodiscard]] double weight(const Memory<T>&, Index) const {
        return 1;
    }

    template <class T, bool reconstructs>
    void check(const auto& model, const auto& loss) const {
        check_examples(model, loss, data_.steps());
        if constexpr (reconstructs)
            check_reconstruction<T>(model, loss, data_.steps().rows(), data_.steps().examples());
    }

    template <bool reconstructs, class T>
    void load(const WeightedBatch& picked, Index first, Index count, Pass& pass, Activations<T>& in,
              Memory<T>& memory) const {
        const auto example = [&](Index k) {
            return picked.rows.empty() ? first + k
                                       : Index{picked.rows[static_cast<std::size_t>(first + k)]};
        };
        if (data_.streams() > 0) follow(example, count, pass, memory);
        memory.lengths.resize(static_cast<std::size_t>(count));
        for (Index k = 0; k < count; ++k)
            memory.lengths[static_cast<std::size_t>(k)] = data_.length(example(k));
        const auto [shortest, longest] =
            std::minmax_element(memory.lengths.begin(), memory.lengths.end());
        pass.examples = count;
        pass.steps = *longest;
        pass.lengths = *shortest < *longest ? memory.lengths.data() : nullptr;
        const Index columns = pass.steps * count;
        in.resize(data_.features(), columns);
        memory.targets.resize(reconstructs ? data_.features() : 1, columns);
        memory.weights.resize(columns);
        const auto& rows = data_.steps().rows();
        const auto targets = data_.steps().targets();
        const double share = data_.target_each_step() ? static_cast<double>(data_.examples()) /
                                                            static_cast<double>(data_.total_steps())
                                                      : 1;
        for (Index k = 0; k < count; ++k) {
            const Index i = example(k);
            const double weight =
                share *
                (picked.weights.empty() ? 1 : picked.weights[static_cast<std::size_t>(first + k)]);
            for (Index t = 0; t < pass.steps; ++t) {
                const Index column = t * count + k;
                const Index row = data_.begin(i) + std::min(t, data_.length(i) - 1);
                memory.weights[column] = counts(i, t) ? weight : 0;
                if (t < data_.length(i))
                    copy_example(rows, row, in.col(column));
                else
                    in.col(column).setZero();
                if constexpr (reconstructs)
                    memory.targets.col(column) = in.col(column);
                else
                    memory.targets(0, column) = static_cast<T>(targets[row]);
            }
        }
    }

private:
    static constexpr Index none = -2;

    Data data_;

    /// Whether the loss counts that step.
    [[nodiscard]] bool counts(Index example, Index step) const {
        return data_.target_each_step() ? step < data_.length(example)
                                        : step == data_.length(example) - 1;
    }

    template <class T>
    void follow(const auto& example, Index count, Pass& pass, Memory<T>& memory) const {
        const Index streams = data_.streams();
        const Index window = example(0) / streams;
        bool together = count == streams;
        for (Index k = 0; together && k < count; ++k) together = example(k) == window * streams + k;
        if (!together)
            throw std::invalid_argument("EmpiricalRisk: a batch of " + std::to_string(count) +
                                        " that begins with window " + std::to_string(example(0)) +
                                        " is not one window of each of " + std::to_string(streams) +
                                        " streams: use minibatch(Sequential{}, {.size = " +
                                        std::to_string(streams) + "}), or windows without streams");
        if (window == memory.window)
            pass.state = InitialState::repeated;
        else if (window > 0 && window == memory.window + 1)
            pass.state = InitialState::carried;
        else
            pass.state = InitialState::zero;
        memory.window = window;
    }
};

}  // namespace ermine
