// SPDX-License-Identifier: MIT
#include "path_costs_of.hpp"

namespace linear {

PathCosts path_costs_logistic_l1(const Problem& problem, int count) {
    return path_costs_of<ermine::LogisticLoss, ermine::L1>(problem, count);
}

}  // namespace linear
