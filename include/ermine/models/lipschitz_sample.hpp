// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstdint>
#include <stdexcept>
#include <string>

#include <ermine/concepts/layer.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/require_parameters.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// How lipschitz_sample looks.
struct LipschitzSampleOptions {
    Index iterations = 20;  ///< of power iteration, at each input
    std::uint64_t seed = 1;
};

/// A number that no Lipschitz constant of the network in its inputs lies below, but for rounding:
/// the largest ‖J(xₖ) v‖ with ‖v‖ = 1 that power iteration on JᵀJ finds at the given inputs,
/// features × examples, J the derivative of the outputs in the inputs. At a kink J is the stated
/// subgradient, which may be no derivative from any side: draw inputs at random, or take data.
///
/// Throws std::invalid_argument for inputs that the network does not take.
template <NetworkModel M, class X, class Y>
[[nodiscard]] double lipschitz_sample(const M& model, const Eigen::PlainObjectBase<X>& theta,
                                      const Eigen::MatrixBase<Y>& inputs,
                                      const LipschitzSampleOptions& options = {}) {
    using T = typename X::Scalar;
    using Point = Eigen::Matrix<T, Eigen::Dynamic, 1>;
    require_parameters(model, theta, "lipschitz_sample");
    require_count(options.iterations, "LipschitzSampleOptions.iterations");
    if (inputs.rows() != model.features || inputs.cols() < 1)
        throw std::invalid_argument(
            "lipschitz_sample: the inputs are " + std::to_string(inputs.rows()) + " x " +
            std::to_string(inputs.cols()) + ", the network takes " +
            std::to_string(model.features) + " features: give a column an example");
    // A column of zeros stays one, NaN stays NaN.
    const auto normalize = [](Activations<T>& columns) {
        for (Index k = 0; k < columns.cols(); ++k) {
            const T norm = columns.col(k).norm();
            if (norm != T(0)) columns.col(k) /= norm;
        }
    };
    typename M::template Memory<T> memory;
    const Pass pass{.examples = inputs.cols(), .inputs = true};
    memory.in.value = inputs.template cast<T>();
    model.forward(pass, theta.data(), memory);
    const Point still = Point::Zero(model.parameters());
    Point unused(model.parameters());
    Activations<T>& along = memory.in.value_tangent;
    along.resize(inputs.rows(), inputs.cols());
    Random random(options.seed);
    for (Index k = 0; k < along.size(); ++k) along.data()[k] = static_cast<T>(random.normal());
    double largest = 0;
    for (Index iteration = 0; iteration < options.iterations; ++iteration) {
        normalize(along);
        model.tangent(pass, theta.data(), still.data(), memory);
        const Activations<T>& moved = memory.out->value_tangent;
        const auto found =
            static_cast<double>(moved.colwise().norm().template maxCoeff<Eigen::PropagateNaN>());
        if (!(found <= largest)) largest = found;
        if (!(largest >= 0)) break;
        memory.out->slope = moved;
        normalize(memory.out->slope);
        model.backward(pass, theta.data(), unused.data(), memory);
        along = memory.in.slope;
    }
    return largest;
}

}  // namespace ermine
