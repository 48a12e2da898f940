// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <stdexcept>
#include <string>

#include <ermine/concepts/vector.hpp>
#include <ermine/objectives/copy_example.hpp>

namespace ermine {

/// Throws std::invalid_argument unless the outputs of a network are as many as the features, and
/// these, as numbers of type T, what the loss takes as targets.
template <class T, class M, class L, class Rows>
void check_reconstruction(const M& model, const L& loss, const Rows& rows, Index examples) {
    if (model.outputs() != model.features)
        throw std::invalid_argument(
            "EmpiricalRisk: reconstruction compares the " + std::to_string(model.features) +
            " features with " + std::to_string(model.outputs()) +
            " outputs: end the network with dense(" + std::to_string(model.features) + ")");
    if constexpr (requires { loss.loss.accepts(0.0); }) {
        Eigen::Matrix<T, Eigen::Dynamic, 1> row(model.features);
        for (Index i = 0; i < examples; ++i) {
            copy_example(rows, i, row);
            for (Index j = 0; j < row.size(); ++j)
                if (!loss.loss.accepts(static_cast<double>(row[j])))
                    throw std::invalid_argument(
                        "EmpiricalRisk: feature " + std::to_string(j) + " of example " +
                        std::to_string(i) + " is " + std::to_string(row[j]) +
                        ", which is no target of the loss that reconstruction was given");
        }
    }
}

}  // namespace ermine
