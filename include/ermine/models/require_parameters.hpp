// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <stdexcept>
#include <string>

#include <ermine/concepts/model.hpp>

namespace ermine {

/// Throws std::invalid_argument, naming who asks, unless θ has as many numbers as the model.
template <Model M, class X>
void require_parameters(const M& model, const Eigen::MatrixBase<X>& theta, const char* who) {
    static_assert(X::ColsAtCompileTime == 1, "parameters are one vector");
    if (theta.size() != model.parameters())
        throw std::invalid_argument(std::string(who) + ": the parameter vector has " +
                                    std::to_string(theta.size()) + " numbers, the network " +
                                    std::to_string(model.parameters()));
}

}  // namespace ermine
