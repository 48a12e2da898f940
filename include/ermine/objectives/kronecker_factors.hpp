// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <ermine/concepts/layer.hpp>
#include <ermine/models/dense.hpp>
#include <ermine/models/network.hpp>
#include <ermine/numerics/add_outer_products.hpp>

namespace ermine {

/// Whether a network has no parameters but those of dense layers.
template <class M>
inline constexpr bool is_dense_network = false;
template <Layer... Layers>
inline constexpr bool is_dense_network<Network<Layers...>> =
    ((std::derived_from<Layers, Dense> || Index{Layers::parts} == 0) && ...);

/// The parameters of a dense layer in the flat vector, and its two factors in that of the factors.
struct KroneckerBlock {
    Index weights = 0;  ///< where they begin: units × inputs, row by row
    Index bias = -1;    ///< where it begins; −1 where there is none
    Index inputs = 0;   ///< without the one for the bias
    Index units = 0;
    Index input_factor = 0;  ///< where A begins, ...
    Index slope_factor = 0;  ///< ... and G
    double curvature = 0;    ///< of a penalty: a multiple of the identity to be added

    /// The rows of A.
    [[nodiscard]] Index columns() const { return inputs + (bias < 0 ? 0 : 1); }
    [[nodiscard]] Index numbers() const { return columns() * columns() + units * units; }
};

/// The dense layers of a network.
template <class M>
    requires is_dense_network<M>
std::vector<KroneckerBlock> kronecker_blocks_of(const M& model) {
    std::vector<KroneckerBlock> blocks;
    Index at = 0;
    model.layers().each_shape(
        model.features, [&]<class L>(const L& layer, const std::string&, Index inputs,
                                     Index outputs, Index earlier) {
            if constexpr (std::derived_from<L, Dense>) {
                const auto place = model.within(static_cast<double*>(nullptr)).after(earlier);
                KroneckerBlock block{.weights = place.at[0],
                                     .bias = layer.bias ? place.at[1] : Index{-1},
                                     .inputs = inputs,
                                     .units = outputs};
                block.input_factor = at;
                block.slope_factor = at + block.columns() * block.columns();
                at += block.numbers();
                blocks.push_back(block);
            }
        });
    return blocks;
}

/// Which targets the slopes are taken for.
struct FactorTargets {
    bool empirical = false;  ///< those of the data, instead of the model's own
    std::uint64_t seed = 0;  ///< of what is drawn
};

/// The factors of the approximation A ⊗ G, layer by layer, of the Fisher matrix of a network of
/// dense layers: A = E[a aᵀ], the second moments of a layer's inputs a, with a one for the bias
/// behind them, and G = E[g gᵀ], those of the slopes g of an example's loss in what the layer hands
/// on (Martens & Grosse, "Optimizing neural networks with Kronecker-factored approximate
/// curvature", ICML 2015, sections 2 and 3). The gradient of the layer's [W b] is g aᵀ, its Fisher
/// matrix, column by column of [W b], E[a aᵀ ⊗ g gᵀ]: the approximation takes the two as
/// independent.
template <class T>
struct KroneckerFactors {
    using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic>;
    using Numbers = Eigen::Matrix<T, Eigen::Dynamic, 1>;

    std::vector<KroneckerBlock> blocks;
    Numbers values;         ///< all factors, one after the other
    Activations<T> scaled;  // room for inputs or slopes with their weights

    explicit KroneckerFactors(std::vector<KroneckerBlock> of) : blocks(std::move(of)) {
        Index size = 0;
        for (const auto& block : blocks) size += block.numbers();
        values.setZero(size);
    }

    /// A of a block, in values of this or of another vector of such.
    static Eigen::Map<Matrix> inputs(const KroneckerBlock& block, Numbers& values) {
        return {values.data() + block.input_factor, block.columns(), block.columns()};
    }
    /// G.
    static Eigen::Map<Matrix> slopes(const KroneckerBlock& block, Numbers& values) {
        return {values.data() + block.slope_factor, block.units, block.units};
    }

    /// Adds the columns of a batch to the sums of one layer, each as often as its weight says, or
    /// once.
    void add(const KroneckerBlock& block, const Activations<T>& a, const Activations<T>& g,
             const Eigen::ArrayXd& weights) {
        auto moments = inputs(block, values);
        const Activations<T>& in = weighted(a, weights);
        add_outer_products(moments.topLeftCorner(block.inputs, block.inputs), in);
        if (block.bias >= 0) {
            for (Index k = 0; k < a.cols(); ++k) {
                const T w = weights.size() == 0 ? T(1) : static_cast<T>(weights[k]);
                moments.col(block.inputs).head(block.inputs) += w * a.col(k);
                moments(block.inputs, block.inputs) += w;
            }
            moments.row(block.inputs) = moments.col(block.inputs).transpose();
        }
        add_outer_products(slopes(block, values), weighted(g, weights));
    }

    /// Sums become means over examples of these weights together.
    void divide(double weights, Index examples) {
        for (const auto& block : blocks) {
            inputs(block, values) *= static_cast<T>(weights > 0 ? 1 / weights : 0);
            slopes(block, values) /= static_cast<T>(examples);
        }
    }

private:
    const Activations<T>& weighted(const Activations<T>& columns, const Eigen::ArrayXd& weights) {
        if (weights.size() == 0) return columns;
        scaled.resizeLike(columns);
        for (Index k = 0; k < columns.cols(); ++k)
            if (weights[k] > 0)
                scaled.col(k) = static_cast<T>(std::sqrt(weights[k])) * columns.col(k);
            else
                scaled.col(k).setZero();
        return scaled;
    }
};

/// f(block number, wire in, wire out) for each dense layer of a network, by the wires of a pass.
template <class T, Layer... Layers, class F>
void each_dense_layer(const Network<Layers...>&,
                      const typename Network<Layers...>::template Memory<T>& memory, const F& f) {
    std::size_t number = 0;
    [&]<std::size_t... i>(std::index_sequence<i...>) {
        const auto visit = [&]<class L>(std::type_identity<L>, std::size_t place) {
            if constexpr (std::derived_from<L, Dense>)
                f(number++, *memory.layers.wires[place], *memory.layers.wires[place + 1]);
        };
        (visit(std::type_identity<Layers>{}, i), ...);
    }(std::index_sequence_for<Layers...>{});
}

}  // namespace ermine
