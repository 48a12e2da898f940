// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/concepts/layer.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/require_parameters.hpp>

namespace ermine {

/// A number L with ‖f(x; θ) − f(x'; θ)‖ ≤ L ‖x − x'‖ for all inputs, at inference: the product of
/// what each layer can stretch a distance by, for dense ones the spectral norm of the weights
/// (Szegedy et al., "Intriguing properties of neural networks", ICLR 2014, section 4.3). The norms
/// are bounded from above (see spectral_norm). The product is attained where all layers stretch the
/// same way, which deep networks are far from: lipschitz_sample bounds from below.
///
/// Throws std::invalid_argument, naming it, for a layer that has no bound.
template <NetworkModel M, class X>
[[nodiscard]] double lipschitz_bound(const M& model, const Eigen::PlainObjectBase<X>& theta) {
    require_parameters(model, theta, "lipschitz_bound");
    return model.layers().lipschitz(model.features, model.within(theta.data()));
}

}  // namespace ermine
