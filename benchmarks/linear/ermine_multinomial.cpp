// SPDX-License-Identifier: MIT
#include "ermine_fit.hpp"

namespace linear {

Fit ermine_multinomial(const Problem& problem, double accuracy, double cap) {
    return ermine_fit<Loss::multinomial, Penalty::l2>(problem, accuracy, cap);
}

}  // namespace linear
