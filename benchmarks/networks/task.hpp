// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <Eigen/Core>

#include <ermine/data/dataset.hpp>

namespace networks {

/// What is trained: a network of dense layers with ReLU between them, on so many examples a batch,
/// by SGD with momentum on the softmax cross-entropy. With more than one step the examples are
/// sequences, the first layer is an LSTM, the second is dense, and each step has a class.
struct Work {
    std::vector<Eigen::Index> widths;  ///< of the features, of each layer
    Eigen::Index batch;
    double required;  ///< times PyTorch's throughput
    double of_peak;   ///< required share of the speed of a large product
    Eigen::Index steps = 1;

    [[nodiscard]] std::string name() const {
        if (steps == 1) return "mlp " + shape() + " batch " + std::to_string(batch);
        return "lstm " + shape() + " batch " + std::to_string(batch) + " x " +
               std::to_string(steps);
    }
    [[nodiscard]] std::string shape() const {
        std::string text;
        for (const Eigen::Index width : widths) {
            if (!text.empty()) text += '-';
            text += std::to_string(width);
        }
        return text;
    }

    /// Floating-point operations that the products of a step are made of: three a layer, two for
    /// the first, whose inputs need no slopes.
    [[nodiscard]] double operations() const {
        const auto product = [&](std::size_t from, std::size_t to) {
            return static_cast<double>(widths[from] * widths[to]);
        };
        if (steps > 1)
            return 2 * (4 * (2 * product(0, 1) + 3 * product(1, 1)) + 3 * product(1, 2)) *
                   static_cast<double>(batch * steps);
        double sum = 0;
        for (std::size_t k = 1; k < widths.size(); ++k) sum += (k > 1 ? 3 : 2) * product(k - 1, k);
        return 2 * sum * static_cast<double>(batch);
    }
};

constexpr float rate = 0.01F;
constexpr float decay = 0.9F;

/// Examples, the parameters to begin with and the order of the examples, the same for all.
struct Task {
    using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    Work work;
    Rows features;  ///< a row an example, or a step of one
    Eigen::VectorXd classes;
    Eigen::VectorXf start;            ///< all weight matrices, row by row, then all biases
    std::vector<std::int32_t> order;  ///< batch after batch

    [[nodiscard]] Eigen::Index examples() const { return features.rows() / work.steps; }
};

/// For so many steps.
Task make_task(const Work& work, Eigen::Index steps);

/// Writes features.f32, classes.i64, start.f32 and order.i64 for PyTorch.
void write(const Task& task, const std::string& folder);

}  // namespace networks
