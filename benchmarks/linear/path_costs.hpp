// SPDX-License-Identifier: MIT
#pragma once

#include "problem.hpp"

namespace linear {

/// What a path and cross-validation cost beside a fit, in seconds.
struct PathCosts {
    double lambda = 0;  ///< the least of the path
    long nonzeros = 0;  ///< weights there
    double fit = 0;     ///< at the least λ, from 0, on one thread
    double path = 0;    ///< on one thread
    double folds = 0;   ///< five, on two threads, at the least λ
    int unsolved = 0;   ///< points of the path without the gap that was asked for
};

/// Of a path of `count` λ down to 1e-3 of the largest, each to a relative gap of 1e-6. The λ of the
/// problem is not looked at.
PathCosts path_costs(const Problem& problem, int count);

/// The same for one loss and penalty each; a file each, for they take long to compile.
PathCosts path_costs_logistic_l1(const Problem& problem, int count);
PathCosts path_costs_logistic_l2(const Problem& problem, int count);
PathCosts path_costs_lasso(const Problem& problem, int count);

}  // namespace linear
