// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <utility>

#include <ermine/concepts/layer.hpp>
#include <ermine/concepts/weighted_batch.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/objectives/check_examples.hpp>
#include <ermine/objectives/check_reconstruction.hpp>
#include <ermine/objectives/copy_example.hpp>

namespace ermine {

/// How the examples of a dataset become the columns that a network takes: one each. (Those of
/// Sequences become many: see objectives/sequence_columns.hpp.)
template <class Rows>
class ExampleColumns {
public:
    using Data = Dataset<Rows>;
    static constexpr bool independent = true;  ///< of each other are the pieces of a pass

    /// What is known of the columns of a batch.
    template <class T>
    struct Memory {
        Activations<T> targets;
        Eigen::ArrayXd weights;  ///< none if all are 1
    };

    explicit ExampleColumns(Data data) : data_(std::move(data)) {
        if (data_.weighted())
            weight_scale_ = static_cast<double>(data_.examples()) / data_.weights().sum();
    }

    [[nodiscard]] const Data& data() const { return data_; }
    /// Examples that are computed at once, where there is a choice.
    [[nodiscard]] Index piece() const { return 512; }
    /// Rows of all predictions, and which of them a column is; none if it is negative.
    [[nodiscard]] Index predicted() const { return data_.examples(); }
    [[nodiscard]] Index predicted_row(Index first, Index column, const Pass&) const {
        return first + column;
    }

    /// The weight of example k of a batch.
    template <class T>
    [[nodiscard]] double weight(const Memory<T>& memory, Index k) const {
        return memory.weights.size() == 0 ? 1 : memory.weights[k];
    }

    /// Throws std::invalid_argument unless the data fits model and loss; `T` is what is computed
    /// in.
    template <class T, bool reconstructs>
    void check(const auto& model, const auto& loss) const {
        check_examples(model, loss, data_);
        if constexpr (reconstructs)
            check_reconstruction<T>(model, loss, data_.rows(), data_.examples());
    }

    /// Loads so many examples from the first on, of those that are picked, or of all if none are.
    template <bool reconstructs, class T>
    void load(const WeightedBatch& picked, Index first, Index count, Pass& pass, Activations<T>& in,
              Memory<T>& memory) const {
        pass.examples = count;
        in.resize(data_.features(), count);
        memory.targets.resize(reconstructs ? data_.features() : 1, count);
        const bool weighted = data_.weighted() || !picked.weights.empty();
        memory.weights.resize(weighted ? count : 0);
        const auto targets = data_.targets();
        for (Index k = 0; k < count; ++k) {
            const auto place = static_cast<std::size_t>(first + k);
            const Index example = picked.rows.empty() ? first + k : Index{picked.rows[place]};
            copy_example(data_.rows(), example, in.col(k));
            if constexpr (reconstructs)
                memory.targets.col(k) = in.col(k);
            else
                memory.targets(0, k) = static_cast<T>(targets[example]);
            if (weighted)
                memory.weights[k] =
                    (data_.weighted() ? data_.weights()[example] * weight_scale_ : 1) *
                    (picked.weights.empty() ? 1 : picked.weights[place]);
        }
    }

private:
    Data data_;
    double weight_scale_ = 1;
};

}  // namespace ermine
