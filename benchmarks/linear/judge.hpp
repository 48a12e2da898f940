// SPDX-License-Identifier: MIT
#pragma once

#include <limits>

#include <Eigen/Core>

#include "passes.hpp"
#include "problem.hpp"

namespace linear {

/// A value that is reached and one below which there is none.
struct Bounds {
    double primal;
    double dual;

    /// A bound on (primal − min F) / min F.
    [[nodiscard]] double relative_gap() const {
        return dual > 0 ? (primal - dual) / dual : std::numeric_limits<double>::infinity();
    }
};

/// F and its gradient's smooth part where the loss has a slope.
struct Point {
    double value;
    Matrix slopes;    ///< ℓ'(p), n × K
    Matrix gradient;  ///< of the mean loss, d × K, without the penalty
};

/// F(w), in double with sums in long double, by the benchmark's own code: what counts for all
/// contestants.
double value_at(const Problem& problem, const Eigen::VectorXd& w);

/// All that a Newton step needs at w.
Point point_at(const Problem& problem, const Eigen::VectorXd& w);

/// The dual value of n × K slopes u, −(1/n) Σ ℓ*(uᵢ) − Ω*(−Xᵀu / n), after they are scaled down
/// until it is finite.
double dual_value(const Problem& problem, Matrix slopes);

/// F at w and the dual value of the slopes there.
Bounds bounds_at(const Problem& problem, const Eigen::VectorXd& w);

}  // namespace linear
