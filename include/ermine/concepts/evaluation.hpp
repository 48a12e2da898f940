// SPDX-License-Identifier: MIT
#pragma once

namespace ermine {

/// Three things taken at one place: a point, the value of the function there, and its gradient.
template <class V>
struct Evaluation {
    V x;
    double value;
    V gradient;
};

}  // namespace ermine
