// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <stdexcept>
#include <string>

#include <ermine/models/hidden_layers.hpp>
#include <ermine/models/require_parameters.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Multiplies what comes in to a unit by α, biases included, and divides what goes out.
template <class T>
void scale_unit(const HiddenLayer& layer, Index unit, double alpha,
                Eigen::Matrix<T, Eigen::Dynamic, 1>& theta) {
    for (const HiddenLayer::Rows& rows : layer.incoming)
        for (Index m = 0; m < rows.stacked; ++m)
            theta.segment(rows.offset + (m * layer.units + unit) * rows.columns, rows.columns) *=
                static_cast<T>(alpha);
    for (Index row = 0; row < layer.outgoing_rows; ++row)
        theta[layer.outgoing_at(row, unit)] /= static_cast<T>(alpha);
}

/// The length of all that comes in to a unit, weights and bias.
template <class T>
double incoming_norm(const HiddenLayer& layer, Index unit,
                     const Eigen::Matrix<T, Eigen::Dynamic, 1>& theta) {
    double sum = 0;
    for (const HiddenLayer::Rows& rows : layer.incoming)
        for (Index m = 0; m < rows.stacked; ++m)
            sum +=
                theta.segment(rows.offset + (m * layer.units + unit) * rows.columns, rows.columns)
                    .template cast<double>()
                    .squaredNorm();
    return std::sqrt(sum);
}

/// Other parameters of the same function: the weights and the bias that come in to a unit of hidden
/// layer `layer`, both counted from 0, times α, those that go out divided by it. Outputs are the
/// same to rounding, to the last bit for α a power of 2 (Neyshabur, Salakhutdinov & Srebro,
/// "Path-SGD", NIPS 2015, section 2).
///
/// α > 0 needs units with f(α x) = α f(x): ReLU, leaky ReLU, maxout; α = −1 odd ones: tanh. Throws
/// std::invalid_argument for others.
template <NetworkModel M, class X>
[[nodiscard]] Eigen::Matrix<typename X::Scalar, Eigen::Dynamic, 1> rescale_unit(
    const M& model, const Eigen::MatrixBase<X>& theta, Index layer, Index unit, double alpha) {
    const HiddenLayer hidden = hidden_layer(model, layer);
    require_parameters(model, theta, "rescale_unit");
    if (unit < 0 || unit >= hidden.units)
        throw std::invalid_argument("rescale_unit: unit " + std::to_string(unit) + " of " +
                                    hidden.name + " does not exist, it has " +
                                    std::to_string(hidden.units) + ", counted from 0");
    const bool legal = (hidden.homogeneous && alpha > 0) || (hidden.odd && alpha == -1);
    if (!legal || !std::isfinite(alpha))
        throw std::invalid_argument("rescale_unit: alpha is " + in_digits(alpha) +
                                    " for a unit of " + hidden.name +
                                    ": positive numbers go with units of ReLU, leaky ReLU and "
                                    "maxout, -1 with those of tanh, nothing with others");
    Eigen::Matrix<typename X::Scalar, Eigen::Dynamic, 1> result = theta;
    scale_unit(hidden, unit, alpha, result);
    return result;
}

}  // namespace ermine
