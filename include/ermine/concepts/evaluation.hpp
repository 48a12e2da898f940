// SPDX-License-Identifier: MIT
#pragma once

#include <tuple>
#include <utility>

namespace ermine {

/// Three things taken at one place: a point, the value of the function there, and its gradient.
template <class V>
struct Evaluation {
    V x;
    double value;
    V gradient;
    auto fields() { return std::tie(x, value, gradient); }

    /// Vectors of run-time size change hands without being copied.
    friend void swap(Evaluation& a, Evaluation& b) {
        a.x.swap(b.x);
        std::swap(a.value, b.value);
        a.gradient.swap(b.gradient);
    }
};

}  // namespace ermine
