// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <string_view>

#include <ermine/concepts/form.hpp>
#include <ermine/concepts/vector.hpp>

namespace ermine {

/// A named stretch of the parameter vector: a matrix of `rows` × `columns` numbers, row by row.
struct ParameterBlock {
    std::string_view name;
    Index offset = 0;
    Index rows = 0;
    Index columns = 1;
    Index stacked = 1;  ///< matrices that it is made of, one below the other: the gates of an LSTM
};

/// What turns inputs and one flat parameter vector into predictions. A model is a plain value.
///
///     Index parameters() const;   // length of the parameter vector
///     Index penalized() const;    // how many of them, from the first on, a penalty applies to
///     Index outputs() const;      // predictions an example: 1 unless `using form = ManyOutputs`
///     blocks() const;             // a range of ParameterBlock that covers the vector
///     void check() const;         // throws std::invalid_argument for sizes that make no sense
///
/// and, for a RowBlock of examples, with a workspace `Model::Workspace` that it may keep what it
/// likes in:
///
///     predict(block, theta, p, workspace);       // p = f(x; θ), a row an example
///     add_gradient(block, s, g, workspace);      // g += Σ_k (∂f(x_k; θ)/∂θ)ᵀ s_k, in double
///     add_curvature(block, c, a, b, H, workspace);   // adds Σ_k c_k ∇f_a ∇f_bᵀ and its mirror
///                                                // image for b ≠ a, lower triangle alone
template <class M>
concept Model = requires(const M& model) {
    { model.parameters() } -> std::convertible_to<Index>;
    { model.penalized() } -> std::convertible_to<Index>;
    { model.outputs() } -> std::convertible_to<Index>;
    { model.features } -> std::convertible_to<Index>;
    { model.check() } -> std::same_as<void>;
    model.blocks();
    typename M::Workspace;
};

/// A model with several predictions an example.
template <class M>
concept ManyOutputModel = Model<M> && std::same_as<typename M::form, ManyOutputs>;

}  // namespace ermine
