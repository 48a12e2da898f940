// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include <ermine/models/hidden_layers.hpp>
#include <ermine/models/permute_hidden.hpp>
#include <ermine/models/require_parameters.hpp>
#include <ermine/models/rescale_unit.hpp>

namespace ermine {

/// Of all parameters that permutations, rescalings and sign flips of hidden units make of θ, one
/// that depends on none of them, to rounding: layer by layer from the first on, what comes in to a
/// unit of ReLU, leaky ReLU or maxout has length 1, what comes in to one of tanh begins with a
/// positive number, and units stand in the order of what comes in, the largest first weight first.
/// (Not unique where two units agree in what comes in; a unit with nothing coming in keeps its
/// scale.) Two networks can so be compared: `canonical_form(model, a) − canonical_form(model, b)`.
template <NetworkModel M, class X>
[[nodiscard]] Eigen::Matrix<typename X::Scalar, Eigen::Dynamic, 1> canonical_form(
    const M& model, const Eigen::MatrixBase<X>& theta) {
    using T = typename X::Scalar;
    require_parameters(model, theta, "canonical_form");
    Eigen::Matrix<T, Eigen::Dynamic, 1> result = theta;
    for (const HiddenLayer& layer : hidden_layers(model)) {
        // The numbers that come in to a unit, one after the other.
        const auto numbers = [&](Index unit) {
            std::vector<T> all;
            for (const HiddenLayer::Rows& rows : layer.incoming)
                for (Index m = 0; m < rows.stacked; ++m)
                    for (Index j = 0; j < rows.columns; ++j)
                        all.push_back(
                            result[rows.offset + (m * layer.units + unit) * rows.columns + j]);
            return all;
        };
        for (Index k = 0; k < layer.units; ++k) {
            if (layer.homogeneous) {
                const double norm = incoming_norm(layer, k, result);
                if (norm > 0) scale_unit(layer, k, 1 / norm, result);
            }
            if (layer.odd) {
                const auto all = numbers(k);
                const auto first = std::find_if(all.begin(), all.end(), [](T x) { return x != 0; });
                if (first != all.end() && *first < 0) scale_unit(layer, k, -1, result);
            }
        }
        std::vector<std::vector<T>> keys;
        for (Index k = 0; k < layer.units; ++k) keys.push_back(numbers(k));
        std::vector<Index> order(static_cast<std::size_t>(layer.units));
        std::iota(order.begin(), order.end(), Index{0});
        // Clang 19 rejects std::stable_sort of libstdc++ 12, which calls a deprecated function.
        std::sort(order.begin(), order.end(), [&](Index a, Index b) {
            const auto& left = keys[static_cast<std::size_t>(a)];
            const auto& right = keys[static_cast<std::size_t>(b)];
            return left == right ? a < b : left > right;
        });
        permute_units<T>(layer, order, result);
    }
    return result;
}

}  // namespace ermine
