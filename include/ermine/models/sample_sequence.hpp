// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/concepts/layer.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/require_parameters.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Options of `sample_sequence`.
struct SampleOptions {
    Index length = 200;
    double temperature = 1;  ///< below 1 what is likely becomes likelier still
    std::uint64_t seed = 1;
};

/// Draws a sequence of numbers from a network that takes one, and hands on for each that may come
/// next its logarithm of a probability, up to a constant: the softmax of its outputs over the
/// temperature. The network reads `beginning`, then what it has drawn itself. Throws
/// std::invalid_argument for a network of another form, an empty beginning, a length < 1, and
/// unless the temperature is positive.
template <NetworkModel M, class X>
[[nodiscard]] std::vector<std::int32_t> sample_sequence(const M& model,
                                                        const Eigen::MatrixBase<X>& theta,
                                                        std::span<const std::int32_t> beginning,
                                                        const SampleOptions& options = {}) {
    using T = typename X::Scalar;
    require_count(options.length, "SampleOptions.length");
    require_positive(options.temperature, "SampleOptions.temperature");
    if (model.features != 1 || beginning.empty())
        throw std::invalid_argument("sample_sequence: the network takes " +
                                    std::to_string(model.features) + " numbers a step, and " +
                                    std::to_string(beginning.size()) +
                                    " were given to begin with: it must be one, and at least one");
    require_parameters(model, theta, "sample_sequence");
    const Eigen::Matrix<T, Eigen::Dynamic, 1> point = theta;
    typename M::template Memory<T> memory;
    Random random(options.seed);
    Pass pass{.examples = 1};
    const auto read = [&](std::int32_t number) {
        memory.in.value.setConstant(1, 1, static_cast<T>(number));
        model.forward(pass, point.data(), memory);
        pass.state = InitialState::carried;
    };
    for (const std::int32_t number : beginning) read(number);
    std::vector<std::int32_t> drawn;
    Eigen::ArrayXd weights;
    for (Index k = 0; k < options.length; ++k) {
        weights = memory.out->value.col(0).template cast<double>().array() / options.temperature;
        weights = (weights - weights.maxCoeff()).exp();
        double left = random.uniform() * weights.sum();
        Index next = 0;
        while (next < weights.size() - 1 && (left -= weights[next]) >= 0) ++next;
        drawn.push_back(static_cast<std::int32_t>(next));
        read(drawn.back());
    }
    return drawn;
}

}  // namespace ermine
