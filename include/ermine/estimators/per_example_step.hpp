// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <stdexcept>
#include <string>

namespace ermine {

/// The largest smoothness of an example, Lmax, of an objective that knows it. Throws
/// std::invalid_argument, naming the method, where it does not.
template <class F>
double largest_smoothness(const F& f, const char* method) {
    if constexpr (requires { f.smoothness_per_example(); }) {
        const double smoothness = f.smoothness_per_example();
        if (std::isfinite(smoothness) && smoothness >= 0) return smoothness;
    }
    throw std::invalid_argument(
        std::string("no step by theory for ") + method +
        ": the objective does not know its smoothness_per_example() (EmpiricalRisk with a smooth "
        "loss does); give Constant{.size = ...}");
}

/// 1/(c Lmax), the step that theory names for the method; 1 where Lmax = 0.
template <class F>
double per_example_step(const F& f, double c, const char* method) {
    const double smoothness = largest_smoothness(f, method);
    return smoothness > 0 ? 1 / (c * smoothness) : 1;
}

}  // namespace ermine
