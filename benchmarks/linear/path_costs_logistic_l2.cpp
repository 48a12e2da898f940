// SPDX-License-Identifier: MIT
#include "path_costs_of.hpp"

namespace linear {

PathCosts path_costs_logistic_l2(const Problem& problem, int count) {
    return path_costs_of<ermine::LogisticLoss, ermine::L2>(problem, count);
}

}  // namespace linear
