// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>

#include <Eigen/Core>

#include "passes.hpp"
#include "problem.hpp"

namespace linear {

/// Plain cyclic coordinate descent on a lasso, from 0: fifty rounds over the weights that are not 0
/// for each over all, until such a round moves no prediction by more than a millionth of the
/// targets. A start for what is better near the end.
inline Eigen::VectorXd lasso_descent(const Problem& problem) {
    Eigen::MatrixXd x(problem.examples(), problem.features());
    std::visit(
        [&](const auto& d) {
            x.setZero();
            for (Index i = 0; i < d.examples(); ++i)
                for_row(d.rows(), i, [&](Index j, double value) { x(i, j) = value; });
        },
        problem.data);
    const Eigen::VectorXd squares = x.colwise().squaredNorm();
    const double threshold = problem.lambda * static_cast<double>(problem.examples());
    Eigen::VectorXd w = Eigen::VectorXd::Zero(problem.features());
    Eigen::VectorXd rest = problem.targets();
    const double small = 1e-6 * rest.norm();
    double moved = 0;
    const auto update = [&](Index j) {
        if (squares[j] == 0) return;
        const double along = x.col(j).dot(rest) + squares[j] * w[j];
        const double size = std::max(std::abs(along) - threshold, 0.0) / squares[j];
        const double step = std::copysign(size, along) - w[j];
        if (step == 0) return;
        rest -= step * x.col(j);
        w[j] += step;
        moved = std::max(moved, std::abs(step) * std::sqrt(squares[j]));
    };
    for (int round = 0; round < 400; ++round) {
        moved = 0;
        for (Index j = 0; j < w.size(); ++j) update(j);
        if (moved <= small) break;
        for (int k = 0; k < 50; ++k)
            for (Index j = 0; j < w.size(); ++j)
                if (w[j] != 0) update(j);
    }
    return w;
}

}  // namespace linear
