// SPDX-License-Identifier: MIT
#include "path_costs_of.hpp"

namespace linear {

PathCosts path_costs_lasso(const Problem& problem, int count) {
    return path_costs_of<ermine::SquaredLoss, ermine::L1>(problem, count);
}

}  // namespace linear
