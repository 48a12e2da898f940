// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include <Eigen/Core>

#include "fit.hpp"
#include "problem.hpp"

namespace linear {

/// Asked by a stand-in that proves nothing of its own: whether w is good enough.
using GoodEnough = std::function<bool(double value)>;

/// `minimize(risk.in_double() + penalty, zero, Auto{}, RelativeGap{accuracy})` from 0: the seconds
/// from the risk's construction to the result.
Fit ermine_auto(const Problem& problem, double accuracy, double cap, int threads,
                const GoodEnough& good_enough);

/// Whether it is Auto, and no stand-in.
bool has_auto();

/// `ermine_auto` for one loss each; a file each, for they take long to compile.
Fit ermine_logistic_l2(const Problem&, double accuracy, double cap, const GoodEnough&);
Fit ermine_logistic_l1(const Problem&, double accuracy, double cap, const GoodEnough&);
Fit ermine_squared_hinge(const Problem&, double accuracy, double cap, const GoodEnough&);
Fit ermine_hinge(const Problem&, double accuracy, double cap, const GoodEnough&);
Fit ermine_lasso(const Problem&, double accuracy, double cap, const GoodEnough&);
Fit ermine_multinomial(const Problem&, double accuracy, double cap, const GoodEnough&);

}  // namespace linear
