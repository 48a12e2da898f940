// SPDX-License-Identifier: MIT
#pragma once

#include <optional>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/distinct_examples.hpp>

namespace ermine {

/// How many of the examples of a sum, with a penalty or without, differ from one another; nothing
/// where it does not say what they are.
template <class F>
[[nodiscard]] std::optional<Index> distinct_examples_of(const F& f) {
    if constexpr (requires { distinct_examples(f.data()); })
        return distinct_examples(f.data());
    else if constexpr (requires { distinct_examples(f.unpenalized().data()); })
        return distinct_examples(f.unpenalized().data());
    else
        return {};
}

}  // namespace ermine
