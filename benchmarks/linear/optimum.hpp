// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include "judge.hpp"
#include "problem.hpp"

namespace linear {

/// A minimizer as good as double allows, with its proof.
struct Optimum {
    Eigen::VectorXd w;
    Bounds bounds;
};

/// The benchmark's own answer, from a point that is near already: Newton steps over the weights
/// that are not 0 for losses with a curvature, and for the hinge dual coordinate ascent with
/// Newton steps over the examples on the margin. It ends at a relative gap of 1e-13 or where no
/// step helps.
Optimum polished(const Problem& problem, const Eigen::VectorXd& start);

}  // namespace linear
