// SPDX-License-Identifier: MIT
#include "path_costs.hpp"

#include <stdexcept>

namespace linear {

PathCosts path_costs(const Problem& problem, int count) {
    if (problem.loss == Loss::squared && problem.penalty == Penalty::l1)
        return path_costs_lasso(problem, count);
    if (problem.loss == Loss::logistic)
        return problem.penalty == Penalty::l1 ? path_costs_logistic_l1(problem, count)
                                              : path_costs_logistic_l2(problem, count);
    throw std::invalid_argument("path_costs: no path of this loss and penalty is compiled");
}

}  // namespace linear
