// SPDX-License-Identifier: MIT
// Read before a program of the course by `scripts/diagnose_course`: each run of the program's
// `minimize` is watched and diagnosed; what is found goes to the file that ERMINE_DIAGNOSES names,
// a line of JSON a run.
#pragma once

#include <ermine/ermine.hpp>

#include <cstdlib>
#include <fstream>
#include <utility>

namespace ermine {

template <class F, class X0, class M, class Stop = UsualStop<M>, class... Observers>
auto watched_minimize(const F& f, const X0& x0, const M& method, Stop stop = {},
                      Observers&&... observers) {
    Diagnostics watch;
    const auto result = minimize(f, x0, method, std::move(stop), observers..., watch);
    std::ofstream out(std::getenv("ERMINE_DIAGNOSES"), std::ios::app);
    if constexpr (Differentiable<SmoothPart<F>, typename ParametersOf<F>::type>)
        out << diagnose(f, watch).json() << '\n';
    else
        out << diagnose(watch.record()).json() << '\n';
    return result;
}

}  // namespace ermine

#define minimize watched_minimize  // NOLINT: the programs are to be read as they are
