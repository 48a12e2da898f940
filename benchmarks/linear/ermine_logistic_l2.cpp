// SPDX-License-Identifier: MIT
#include "ermine_fit.hpp"

namespace linear {

Fit ermine_logistic_l2(const Problem& problem, double accuracy, double cap) {
    return ermine_fit<Loss::logistic, Penalty::l2>(problem, accuracy, cap);
}

}  // namespace linear
