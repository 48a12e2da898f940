// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/estimators/katyusha.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/estimators/saga.hpp>
#include <ermine/estimators/svrg.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/steps/constant.hpp>

/// Methods for sums over examples that have a name, as the sentences that they stand for.
namespace ermine {

/// Stochastic gradient descent with a constant step.
constexpr auto sgd(double step, Minibatch batch = {}) { return batch | Constant{.size = step}; }

/// SAGA with the step 1/(3 Lmax) that the objective's smoothness_per_example() gives.
constexpr auto saga(Saga saga = {}) { return saga | Constant{}; }

/// SVRG with the step 1/(10 Lmax), for sums whose gradients are too many to keep.
constexpr auto svrg(Svrg svrg = {}) { return svrg | Constant{}; }

/// Accelerated variance reduction, for strongly convex sums that are badly conditioned even for so
/// many examples: Lmax/μ far above n.
constexpr auto katyusha(Katyusha katyusha = {}) { return katyusha | Constant{}; }

}  // namespace ermine
