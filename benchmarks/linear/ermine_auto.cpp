// SPDX-License-Identifier: MIT
#include "ermine_auto.hpp"

#ifdef _OPENMP
#include <omp.h>
#endif

namespace linear {

Fit ermine_auto(const Problem& problem, double accuracy, double cap, int threads) {
#ifdef _OPENMP
    const int before = omp_get_max_threads();
    omp_set_num_threads(threads);
#else
    static_cast<void>(threads);
#endif
    const auto fit = [&] {
        switch (problem.loss) {
            case Loss::logistic:
                return problem.penalty == Penalty::l1 ? ermine_logistic_l1(problem, accuracy, cap)
                                                      : ermine_logistic_l2(problem, accuracy, cap);
            case Loss::squared_hinge:
                return ermine_squared_hinge(problem, accuracy, cap);
            case Loss::hinge:
                return ermine_hinge(problem, accuracy, cap);
            case Loss::squared:
                return ermine_lasso(problem, accuracy, cap);
            case Loss::multinomial:
                break;
        }
        return ermine_multinomial(problem, accuracy, cap);
    }();
#ifdef _OPENMP
    omp_set_num_threads(before);
#endif
    return fit;
}

}  // namespace linear
