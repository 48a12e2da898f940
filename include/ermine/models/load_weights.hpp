// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <filesystem>
#include <set>
#include <string>
#include <utility>

#include <ermine/data/data_error.hpp>
#include <ermine/data/read_npy.hpp>
#include <ermine/models/network.hpp>
#include <ermine/models/save_weights.hpp>

namespace ermine {

/// The parameters of a network from a folder with a NumPy array file a block, as save_weights
/// writes them or `numpy.save("folder/dense1.weights.npy", w)` does: units × inputs, of floats,
/// doubles or integers in any order of bytes; what has one column may be a list.
///
/// Throws DataError for the weights of another model, naming block and both shapes: one that is
/// missing, has another shape, or is there without a place in this network.
template <class T = double, NetworkModel M>
[[nodiscard]] Eigen::Matrix<T, Eigen::Dynamic, 1> load_weights(const M& model,
                                                               const std::string& folder) {
    const auto shape = [](Index rows, Index columns) {
        return std::to_string(rows) + " x " + std::to_string(columns);
    };
    Eigen::Matrix<T, Eigen::Dynamic, 1> theta(model.parameters());
    std::set<std::string> known;
    for (const ParameterBlock& block : model.blocks()) {
        if (block.rows * block.columns == 0) continue;
        const std::string path = weight_file(folder, block);
        const std::string named =
            std::string(block.name) + " of the network is " + shape(block.rows, block.columns);
        known.insert(std::filesystem::path(path).filename().string());
        if (!std::filesystem::exists(path))
            throw DataError(path, "there is no such file, but " + named +
                                      ": these are weights of another model");
        const auto numbers = read_npy<T>(path);
        if (numbers.rows() != block.rows || numbers.cols() != block.columns)
            throw DataError(path, "the array is " + shape(numbers.rows(), numbers.cols()) +
                                      ", but " + named + ": these are weights of another model");
        theta.segment(block.offset, numbers.size()) =
            Eigen::Map<const Eigen::Matrix<T, Eigen::Dynamic, 1>>(numbers.data(), numbers.size());
    }
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string file = entry.path().filename().string();
        if (entry.path().extension() == ".npy" && known.count(file) == 0)
            throw DataError(entry.path().string(),
                            "the network has no block of that name: these are weights of another "
                            "model, or the file belongs elsewhere");
    }
    return theta;
}

/// The same for an empirical risk of a network, in its type of numbers.
template <class Risk>
    requires NetworkModel<std::remove_cvref_t<decltype(std::declval<const Risk&>().model())>>
[[nodiscard]] typename Risk::Point load_weights(const Risk& risk, const std::string& folder) {
    return load_weights<typename Risk::Scalar>(risk.model(), folder);
}

}  // namespace ermine
