// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

#include <ermine/models/hidden_layers.hpp>

namespace ermine {

/// How many other parameter vectors stand for the same function, the given one included.
struct SymmetryCount {
    std::optional<std::uint64_t> permutations;  ///< ∏ n! over the hidden layers, if it fits
    double log_permutations = 0;                ///< its natural logarithm
    Index sign_flips = 0;  ///< units of odd activations: each doubles the number
    Index rescalings = 0;  ///< units of homogeneous ones: each adds a dimension, a continuum
};

/// Permutations of hidden units: n! a layer, n!ᵐ for m layers of n units. For one layer of tanh,
/// with the 2ⁿ sign flips, these are all there are for almost every θ (Chen, Lu & Hecht-Nielsen,
/// "On the geometry of feedforward neural network error surfaces", Neural Computation 5, 1993).
template <NetworkModel M>
SymmetryCount symmetry_count(const M& model) {
    SymmetryCount count{.permutations = 1};
    for (const HiddenLayer& layer : hidden_layers(model)) {
        for (Index k = 2; k <= layer.units; ++k) {
            const auto factor = static_cast<std::uint64_t>(k);
            count.log_permutations += std::log(static_cast<double>(k));
            if (count.permutations && *count.permutations > ~std::uint64_t{0} / factor)
                count.permutations.reset();
            if (count.permutations) *count.permutations *= factor;
        }
        if (layer.odd) count.sign_flips += layer.units;
        if (layer.homogeneous) count.rescalings += layer.units;
    }
    return count;
}

}  // namespace ermine
