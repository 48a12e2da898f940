// SPDX-License-Identifier: MIT
#include "ermine_fit.hpp"

namespace linear {

Fit ermine_hinge(const Problem& problem, double accuracy, double cap,
                 const GoodEnough& good_enough) {
#if ERMINE_HAS_AUTO
    return ermine_fit<Loss::hinge, Penalty::l2>(problem, accuracy, cap, good_enough);
#else
    static_cast<void>(problem), static_cast<void>(accuracy), static_cast<void>(cap);
    static_cast<void>(good_enough);
    return {};
#endif
}

}  // namespace linear
