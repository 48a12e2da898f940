// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/models/hidden_layers.hpp>
#include <ermine/models/require_parameters.hpp>

namespace ermine {

/// Lets the units of a hidden layer change places within θ: unit k becomes what unit
/// `permutation[k]` was.
template <class T>
void permute_units(const HiddenLayer& layer, std::span<const Index> permutation,
                   Eigen::Matrix<T, Eigen::Dynamic, 1>& theta) {
    const Eigen::Matrix<T, Eigen::Dynamic, 1> was = theta;
    const auto from = [&](Index unit) { return permutation[static_cast<std::size_t>(unit)]; };
    for (const auto& list : {layer.incoming, layer.between})
        for (const HiddenLayer::Rows& rows : list)
            for (Index m = 0; m < rows.stacked; ++m)
                for (Index k = 0; k < layer.units; ++k) {
                    const auto begin = [&](Index unit) {
                        return rows.offset + (m * layer.units + unit) * rows.columns;
                    };
                    theta.segment(begin(k), rows.columns) =
                        was.segment(begin(from(k)), rows.columns);
                }
    for (Index row = 0; row < layer.outgoing_rows; ++row)
        for (Index k = 0; k < layer.units; ++k)
            theta[layer.outgoing_at(row, k)] = was[layer.outgoing_at(row, from(k))];
}

/// Other parameters of the same function: the units of hidden layer `layer`, counted from 0, change
/// places, unit k becomes what unit `permutation[k]` was. Outputs are the same but for the order in
/// which rounding errors add up (Hecht-Nielsen, "On the algebraic structure of feedforward network
/// weight spaces", Advanced Neural Computers, 1990).
///
/// Throws std::invalid_argument for a layer that does not exist and a list that is no permutation
/// of its units.
template <NetworkModel M, class X>
[[nodiscard]] Eigen::Matrix<typename X::Scalar, Eigen::Dynamic, 1> permute_hidden(
    const M& model, const Eigen::MatrixBase<X>& theta, Index layer,
    const std::vector<Index>& permutation) {
    const HiddenLayer hidden = hidden_layer(model, layer);
    require_parameters(model, theta, "permute_hidden");
    std::vector<char> seen(static_cast<std::size_t>(hidden.units));
    bool legal = permutation.size() == seen.size();
    for (const Index unit : permutation) {
        if (!legal || unit < 0 || unit >= hidden.units) {
            legal = false;
            break;
        }
        legal = seen[static_cast<std::size_t>(unit)]++ == 0;
    }
    if (!legal)
        throw std::invalid_argument(
            "permute_hidden: a list of " + std::to_string(permutation.size()) +
            " numbers is no permutation of the " + std::to_string(hidden.units) + " units of " +
            hidden.name + ": give each of 0, …, " + std::to_string(hidden.units - 1) + " once");
    Eigen::Matrix<typename X::Scalar, Eigen::Dynamic, 1> result = theta;
    permute_units<typename X::Scalar>(hidden, permutation, result);
    return result;
}

}  // namespace ermine
