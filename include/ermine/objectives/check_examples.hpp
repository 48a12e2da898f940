// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/model.hpp>
#include <ermine/concepts/weighted_batch.hpp>
#include <ermine/data/dataset.hpp>

namespace ermine {

/// Throws std::invalid_argument unless the batch names some of so many examples.
inline void check_batch(Batch batch, Index examples) {
    if (batch.empty()) throw std::invalid_argument("EmpiricalRisk: the batch is empty");
    std::uint32_t largest = 0;  // a negative number becomes a large one
    for (const std::int32_t i : batch) largest = std::max(largest, static_cast<std::uint32_t>(i));
    if (static_cast<Index>(largest) >= examples)
        throw std::invalid_argument("EmpiricalRisk: the batch names example " +
                                    std::to_string(static_cast<std::int32_t>(largest)) +
                                    ", there are " + std::to_string(examples));
}

/// The same, and unless there is a weight for each, finite and not negative, or none at all.
inline void check_batch(const WeightedBatch& batch, Index examples) {
    check_batch(batch.rows, examples);
    if (batch.weights.empty()) return;
    if (batch.weights.size() != batch.rows.size())
        throw std::invalid_argument(std::to_string(batch.rows.size()) +
                                    " examples of a batch have " +
                                    std::to_string(batch.weights.size()) + " weights");
    for (const double w : batch.weights)
        if (!(w >= 0) || !std::isfinite(w))
            throw std::invalid_argument("a batch has the weight " + std::to_string(w) +
                                        ": weights are finite and not negative");
}

/// Throws std::invalid_argument, naming example and number, unless the data has as many features as
/// the model, all of them finite, and targets that the loss accepts: ±1 for a loss of two classes,
/// one of 0, …, K − 1 for a model of K outputs.
template <Model M, class L, class Rows>
void check_examples(const M& model, const L& loss, const Dataset<Rows>& data) {
    if (data.features() != model.features)
        throw std::invalid_argument("EmpiricalRisk: the model takes " +
                                    std::to_string(model.features) + " features, but the data is " +
                                    std::to_string(data.examples()) + " x " +
                                    std::to_string(data.features()));
    // A loss of both forms is one of classes where there are several outputs.
    const bool classes =
        ManyOutputModel<M> || (std::same_as<typename M::form, Batches> && ManyOutputLoss<L> &&
                               (!ScalarLoss<L> || model.outputs() > 1));
    const auto legal = [&](double y) -> bool {
        if (classes)
            return y >= 0 && y == std::floor(y) && y < static_cast<double>(model.outputs());
        if constexpr (ManyOutputLoss<L>)
            return y == 1 || y == -1;
        else if constexpr (requires {
                               { loss.accepts(y) } -> std::convertible_to<bool>;
                           })
            return loss.accepts(y);
        else
            return std::isfinite(y);
    };
    const auto rule = [&]() -> std::string {
        if (classes) return "class numbers from 0 to " + std::to_string(model.outputs() - 1);
        if constexpr (ManyOutputLoss<L>)
            return "-1 or +1";
        else if constexpr (requires { std::string(L::targets); })
            return L::targets;
        else
            return "finite numbers";
    };
    const auto name = []() -> std::string {
        if constexpr (requires { std::string(L::name); })
            return L::name;
        else
            return "the loss";
    };
    const std::string advice =
        classes      ? "; class_targets(data) makes class numbers from any targets"
        : legal(0.5) ? ""
                     : "; binary_targets(data) makes -1 and +1 from two values";
    for (Index i = 0; i < data.examples(); ++i)
        if (!legal(data.targets()[i]))
            throw std::invalid_argument("EmpiricalRisk: the target of example " +
                                        std::to_string(i) + " is " +
                                        std::to_string(data.targets()[i]) + ", but " + name() +
                                        " takes " + rule() + advice);
    const Rows& rows = data.rows();
    const auto require_finite = [](const auto* values, Index count, Index i, auto column) {
        using T = typename Rows::Scalar;
        // 0 · x is 0 unless x is infinite or NaN: one sum instead of `count` branches.
        T sum = 0;
        for (Index k = 0; k < count; ++k) sum += T(0) * values[k];
        if (sum == T(0)) return;
        for (Index k = 0; k < count; ++k)
            if (!std::isfinite(values[k]))
                throw std::invalid_argument("EmpiricalRisk: feature " + std::to_string(column(k)) +
                                            " of example " + std::to_string(i) + " is " +
                                            std::to_string(values[k]) +
                                            "; features must be finite");
    };
    for (Index i = 0; i < data.examples(); ++i) {
        if constexpr (requires { rows.columns; }) {
            const auto columns = rows.row_columns(i);
            require_finite(rows.row_values(i).data(), rows.nonzeros(i), i,
                           [&](Index k) { return Index{columns[static_cast<std::size_t>(k)]}; });
        } else {
            require_finite(rows.row(i), rows.features, i, [](Index k) { return k; });
        }
    }
}

}  // namespace ermine
