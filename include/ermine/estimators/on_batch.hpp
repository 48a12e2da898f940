// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>

namespace ermine {

/// A finite sum on one batch of its examples: a function like any other, so that whatever
/// evaluates it several times sees the same examples.
template <class F>
struct OnBatch {
    const F& f;
    Batch batch;

    template <class V>
    double value_and_gradient(const V& x, V& gradient) const {
        return f.value_and_gradient(x, batch, gradient);
    }
};

}  // namespace ermine
