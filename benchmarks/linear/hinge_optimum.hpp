// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include "optimum.hpp"

namespace linear {

/// `polished` of the hinge loss with ℓ2.
Optimum hinge_optimum(const Problem& problem, const Eigen::VectorXd& start);

}  // namespace linear
