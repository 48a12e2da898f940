// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// How many of `size` parameters, from the first on, a penalty on f applies to: all, unless f says
/// less by `penalized()`, as a risk with an intercept does.
template <class F>
Index penalized_size(const F& f, Index size) {
    if constexpr (requires { f.penalized(); })
        return f.penalized();
    else
        return size;
}

}  // namespace ermine
