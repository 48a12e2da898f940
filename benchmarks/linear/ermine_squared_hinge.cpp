// SPDX-License-Identifier: MIT
#include "ermine_fit.hpp"

namespace linear {

Fit ermine_squared_hinge(const Problem& problem, double accuracy, double cap) {
    return ermine_fit<Loss::squared_hinge, Penalty::l2>(problem, accuracy, cap);
}

}  // namespace linear
