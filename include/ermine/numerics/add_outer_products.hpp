// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/tiled_product.hpp>

namespace ermine {

/// C ← C + X Xᵀ, the sum of the outer products of the columns of X, for a symmetric C in columns of
/// memory: the lower triangle by stripes, the other as its mirror image. On all threads with the
/// same bits on any number of them, without heap.
template <class C, class X>
void add_outer_products(C&& c, const X& x) {
    constexpr Index stripe = 192;
    const Index n = c.rows();
    for (Index first = 0; first < n; first += stripe) {
        const Index count = std::min(stripe, n - first);
        tiled_product(c.block(first, first, n - first, count), x.bottomRows(n - first),
                      x.middleRows(first, count).transpose(), true);
    }
    c.template triangularView<Eigen::StrictlyUpper>() = c.transpose();
}

}  // namespace ermine
