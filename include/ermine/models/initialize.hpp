// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include <ermine/models/initializer.hpp>
#include <ermine/models/network.hpp>
#include <ermine/numerics/random.hpp>

namespace ermine {

/// Fills one block of weights, each of the matrices that it is made of by itself.
template <Initializer I, class X>
void fill_block(const ParameterBlock& block, const I& how, Random random,
                Eigen::MatrixBase<X>& theta) {
    WeightMatrix weights(block.rows / block.stacked, block.columns);
    for (Index k = 0; k < block.stacked; ++k) {
        if (weights.size() == 0) return;
        how.fill(weights, random);
        theta.segment(block.offset + k * weights.size(), weights.size()) =
            Eigen::Map<const Eigen::VectorXd>(weights.data(), weights.size())
                .template cast<typename X::Scalar>();
    }
}

/// Parameters to begin at: the weight matrices, the blocks that a penalty applies to, as `how`
/// says, biases zero, and what a layer has a starting value for at that (the scale of a
/// normalization at 1). `initialize<float>(model, He{}, 7)` gives floats. The same bits for the
/// same seed on every platform; each block is drawn by its place, whatever the shapes of the
/// others.
///
/// Throws std::invalid_argument for options of `how` that are out of range.
template <class T = double, NetworkModel M, Initializer I>
[[nodiscard]] Eigen::Matrix<T, Eigen::Dynamic, 1> initialize(const M& model, const I& how,
                                                             std::uint64_t seed = 1) {
    how.check();
    Eigen::Matrix<T, Eigen::Dynamic, 1> theta =
        Eigen::Matrix<T, Eigen::Dynamic, 1>::Zero(model.parameters());
    Random seeds(seed);
    for (const ParameterBlock& block : model.blocks()) {
        const Random own(seeds.bits());
        if (block.offset < model.penalized()) fill_block(block, how, own, theta);
    }
    model.layers().starting_values(model.features, model.within(theta.data()));
    return theta;
}

/// The same for an empirical risk of a network, in its type of numbers:
///
///     minimize(risk, initialize(risk, He{}, 7), …)
template <class Risk, Initializer I>
    requires NetworkModel<std::remove_cvref_t<decltype(std::declval<const Risk&>().model())>>
[[nodiscard]] typename Risk::Point initialize(const Risk& risk, const I& how,
                                              std::uint64_t seed = 1) {
    return initialize<typename Risk::Scalar>(risk.model(), how, seed);
}

/// Draws one block anew, named as in `blocks()`. Throws std::invalid_argument if there is none of
/// that name.
template <NetworkModel M, Initializer I, class X>
void initialize_block(const M& model, Eigen::PlainObjectBase<X>& theta, std::string_view name,
                      const I& how, std::uint64_t seed = 1) {
    how.check();
    std::string others;
    for (const ParameterBlock& block : model.blocks()) {
        if (block.name == name) return fill_block(block, how, Random(seed), theta);
        others += (others.empty() ? "" : ", ") + std::string(block.name);
    }
    throw std::invalid_argument("initialize_block: the network has no block '" + std::string(name) +
                                "'; it has " + others);
}

}  // namespace ermine
