// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

#include <ermine/data/dataset.hpp>
#include <ermine/data/planted.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

struct LogisticDataOptions {
    Index examples = 1000;
    Index features = 20;
    double condition = 100;  ///< λmax / λmin of XᵀX / n, >= 1.
    double margin = 3;       ///< Root mean square of the true margins xᵀw.
    double label_noise = 0;  ///< Share of the labels that are turned around, in [0, 1/2].
    std::uint64_t seed = 7;
};

/// Data that a logistic model made: P(y = +1 | x) = 1 / (1 + exp(-xᵀw)), then each label turned
/// around with probability `label_noise`. X = √n Q D Vᵀ with random orthonormal Q (n × d) and
/// V (d × d): the eigenvalues of XᵀX / n fall from 1 to 1 / condition in equal ratios, exactly but
/// for rounding, and no scaling of single features undoes it. `truth` is w.
/// Throws std::invalid_argument for an option that makes no sense or n < d.
inline Planted<DenseRows<double>> logistic_data(const LogisticDataOptions& options = {}) {
    const Index n = options.examples;
    const Index d = options.features;
    require_count(n, "LogisticDataOptions::examples");
    require_count(d, "LogisticDataOptions::features");
    require_between(options.condition, 1, std::numeric_limits<double>::max(),
                    "LogisticDataOptions::condition");
    require_nonnegative(options.margin, "LogisticDataOptions::margin");
    require_between(options.label_noise, 0, 0.5, "LogisticDataOptions::label_noise");
    if (n < d) {
        throw std::invalid_argument("LogisticDataOptions: " + std::to_string(n) + " examples of " +
                                    std::to_string(d) +
                                    " features; the condition number needs as many examples");
    }
    Random random(options.seed);
    // Gram-Schmidt, twice for each column: orthogonal to rounding (Giraud, Langou & Rozložník
    // 2005).
    const auto orthonormal = [&random](Index rows, Index columns) {
        Eigen::MatrixXd q(rows, columns);
        for (Index j = 0; j < columns; ++j) {
            for (Index i = 0; i < rows; ++i) {
                q(i, j) = random.normal();
            }
            for (int pass = 0; pass < 2; ++pass) {
                const Eigen::VectorXd shadow = q.leftCols(j).transpose() * q.col(j);
                q.col(j).noalias() -= q.leftCols(j) * shadow;
                q.col(j).normalize();
            }
        }
        return q;
    };
    Eigen::MatrixXd q = orthonormal(n, d);
    const Eigen::MatrixXd v = orthonormal(d, d);
    for (Index j = 0; j < d; ++j) {
        const double share = d == 1 ? 0 : static_cast<double>(j) / static_cast<double>(d - 1);
        q.col(j) *= std::sqrt(static_cast<double>(n) / std::pow(options.condition, share));
    }
    const Eigen::MatrixXd x = q * v.transpose();
    Eigen::VectorXd truth(d);
    for (double& w : truth) {
        w = random.normal();
    }
    const Eigen::VectorXd raw = x * truth;
    truth *= options.margin * std::sqrt(static_cast<double>(n)) / raw.norm();
    const Eigen::VectorXd margins = x * truth;
    Eigen::VectorXd y(n);
    for (Index i = 0; i < n; ++i) {
        const bool positive = random.uniform() * (1 + std::exp(-margins[i])) < 1;
        const bool turned = random.uniform() < options.label_noise;
        y[i] = positive != turned ? 1 : -1;
    }
    return {{x, y}, truth};
}

}  // namespace ermine
