// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/models/network.hpp>
#include <ermine/models/require_parameters.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/spectral_norm.hpp>

namespace ermine {

/// How spectrally_normalized divides.
struct SpectralNormalization {
    double norm = 1;           ///< of each matrix of weights afterwards, at most
    bool only_larger = false;  ///< leave matrices alone whose norm is smaller
};

/// The parameters with each matrix of weights, the blocks that a penalty applies to, divided by its
/// spectral norm, from above: a network of dense layers and activations of slope at most 1 then has
/// a Lipschitz constant of at most normᵐ, m matrices (Miyato, Kataoka, Koyama & Yoshida, "Spectral
/// normalization for generative adversarial networks", ICLR 2018, equations 4 to 8). Matrices of
/// zeros stay.
template <NetworkModel M, class X>
[[nodiscard]] Eigen::Matrix<typename X::Scalar, Eigen::Dynamic, 1> spectrally_normalized(
    const M& model, const Eigen::MatrixBase<X>& theta, const SpectralNormalization& how = {}) {
    using T = typename X::Scalar;
    using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    require_parameters(model, theta, "spectrally_normalized");
    require_positive(how.norm, "SpectralNormalization.norm");
    Eigen::Matrix<T, Eigen::Dynamic, 1> result = theta;
    for (const ParameterBlock& block : model.blocks()) {
        if (block.offset >= model.penalized()) continue;
        Eigen::Map<Matrix> weights(result.data() + block.offset, block.rows, block.columns);
        const double norm = spectral_norm(weights).upper_bound;
        if (norm == 0 || (how.only_larger && norm <= how.norm)) continue;
        weights *= static_cast<T>(how.norm / norm);
    }
    return result;
}

}  // namespace ermine
