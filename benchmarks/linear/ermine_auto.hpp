// SPDX-License-Identifier: MIT
#pragma once

#include "fit.hpp"
#include "problem.hpp"

namespace linear {

/// `minimize(risk.in_double() + penalty, zero, Auto{.accuracy = accuracy}, RelativeGap{accuracy})`
/// from 0: the seconds of that call, for risks as for the arrays of the peers.
Fit ermine_auto(const Problem& problem, double accuracy, double cap, int threads);

/// `ermine_auto` for one loss each; a file each, for they take long to compile.
Fit ermine_logistic_l2(const Problem&, double accuracy, double cap);
Fit ermine_logistic_l1(const Problem&, double accuracy, double cap);
Fit ermine_squared_hinge(const Problem&, double accuracy, double cap);
Fit ermine_hinge(const Problem&, double accuracy, double cap);
Fit ermine_lasso(const Problem&, double accuracy, double cap);
Fit ermine_multinomial(const Problem&, double accuracy, double cap);

}  // namespace linear
