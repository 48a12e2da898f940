// SPDX-License-Identifier: MIT
#include "ermine_fit.hpp"

namespace linear {

Fit ermine_lasso(const Problem& problem, double accuracy, double cap) {
    return ermine_fit<Loss::squared, Penalty::l1>(problem, accuracy, cap);
}

}  // namespace linear
