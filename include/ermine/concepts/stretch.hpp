// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// The same stretch of any vector of a run: `at(m)` is the part of m that belongs to the block of
/// the gradient in hand. Elementwise parts are called block by block, so that a whole chain of
/// them passes over memory once. Where its size is known to the compiler a block stays in registers
/// from part to part; a vector of small fixed size is a single block.
template <Index Size = Eigen::Dynamic>
struct Stretch {
    Index offset = 0;
    Index size = Size;

    template <class V>
    auto operator()(V& v) const {
        if constexpr (Size == Eigen::Dynamic)
            return v.segment(offset, size);
        else if constexpr (Index{V::SizeAtCompileTime} == Size)
            return v.template head<Size>();
        else
            return v.template segment<Size>(offset);
    }
};

}  // namespace ermine
