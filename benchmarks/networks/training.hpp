// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "task.hpp"

namespace networks {

/// A network in the middle of its training: takes so many steps, and returns the mean of their
/// batches' losses.
using Training = std::function<double(Eigen::Index)>;

/// Training by the verbs of a method, as `minimize` calls them. The task must outlive it. Networks
/// are known when this is compiled: those of `works`.
Training train(const Task& task);

/// The same, compiled with EIGEN_USE_BLAS; none where there is no BLAS.
Training train_by_blas(const Task& task);

}  // namespace networks
