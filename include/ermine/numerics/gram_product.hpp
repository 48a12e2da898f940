// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// The lower triangle of G += Aᵀ A for a row-major m × d matrix A, block by block of the triangle
/// with plain products: Eigen's own product of a triangle reaches half their speed. Blocks on the
/// diagonal are computed whole.
template <class A, class G>
void add_gram_product(const Eigen::MatrixBase<A>& a, Eigen::MatrixBase<G>& gram) {
    constexpr Index block = 96;
    for (Index j = 0; j < a.cols(); j += block) {
        const Index columns = std::min(block, a.cols() - j);
        const Index rows = a.cols() - j;
        gram.block(j, j, rows, columns).noalias() +=
            a.rightCols(rows).transpose() * a.middleCols(j, columns);
    }
}

}  // namespace ermine
