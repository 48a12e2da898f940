// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <filesystem>
#include <string>
#include <system_error>

#include <ermine/data/data_error.hpp>
#include <ermine/data/write_npy.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/require_parameters.hpp>

namespace ermine {

/// Where a block of parameters is kept within a folder: "folder/dense1.weights.npy".
inline std::string weight_file(const std::string& folder, const ParameterBlock& block) {
    return (std::filesystem::path(folder) / (std::string(block.name) + ".npy")).string();
}

/// Writes the parameters of a network into a folder, a NumPy array file a block, which
/// `numpy.load("folder/dense1.weights.npy")` opens and load_weights reads: matrices of weights as
/// units × inputs, biases and scales as lists. The folder is made where there is none; what else is
/// in it stays.
///
/// Each file appears whole or not at all. Throws DataError if one cannot be written.
template <NetworkModel M, class X>
void save_weights(const M& model, const Eigen::MatrixBase<X>& theta, const std::string& folder) {
    using T = typename X::Scalar;
    require_parameters(model, theta, "save_weights");
    std::error_code trouble;
    std::filesystem::create_directories(folder, trouble);
    if (trouble) throw DataError(folder, "no such folder can be made: " + trouble.message());
    for (const ParameterBlock& block : model.blocks()) {
        const Index count = block.rows * block.columns;
        if (count == 0) continue;
        const Eigen::Matrix<T, Eigen::Dynamic, 1> numbers = theta.segment(block.offset, count);
        if (block.columns == 1 && block.offset >= model.penalized())
            write_npy(weight_file(folder, block), numbers);
        else
            write_npy(
                weight_file(folder, block),
                Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
                    numbers.data(), block.rows, block.columns));
    }
}

}  // namespace ermine
