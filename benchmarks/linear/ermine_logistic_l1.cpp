// SPDX-License-Identifier: MIT
#include "ermine_fit.hpp"

namespace linear {

Fit ermine_logistic_l1(const Problem& problem, double accuracy, double cap) {
    return ermine_fit<Loss::logistic, Penalty::l1>(problem, accuracy, cap);
}

}  // namespace linear
