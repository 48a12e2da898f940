// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <vector>

#include <Eigen/Core>

namespace spectra {

/// A network of two dense layers with tanh between them on softmax cross-entropy, its examples and
/// parameters, and vectors to multiply with: the same for all contestants.
struct Task {
    using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    Eigen::Index inputs, hidden, classes;
    Rows features;
    Eigen::VectorXd targets;
    Eigen::VectorXf start;    ///< all weight matrices, row by row, then all biases
    Eigen::MatrixXf vectors;  ///< a column each

    /// Floating-point operations of the products of matrices that two tangent passes consist of.
    [[nodiscard]] double operations() const {
        const double first = 2 * static_cast<double>(inputs * hidden);
        const double second = 2 * static_cast<double>(hidden * classes);
        return static_cast<double>(features.rows()) * (2 * first + 6 * second);
    }
};

Task make_task(Eigen::Index examples);

/// The Hessian at the task's parameters.
struct Curvature {
    std::function<void(const Eigen::VectorXf&, Eigen::VectorXf&)> multiply;
    std::function<std::vector<double>(Eigen::Index)> largest;  ///< so many eigenvalues
};

Curvature curvature_of(const Task& task);

}  // namespace spectra
