// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/parallel.hpp>

namespace ermine {

/// The lower triangle of G += Aᵀ A for a row-major m × d matrix A, block by block of the triangle
/// with plain products: Eigen's own product of a triangle reaches half their speed. Blocks on the
/// diagonal are computed whole. The blocks follow from d alone: the same bits on any number of
/// threads.
template <class A, class G>
void add_gram_product(const Eigen::MatrixBase<A>& a, Eigen::MatrixBase<G>& gram) {
    const Index d = a.cols();
    // at least two: a single one would be left to Eigen's threads
    const Chunks blocks{d, std::clamp<Index>((d + 1) / 2, 1, 96)};
    for_each_chunk(blocks.count(), [&](Index block) {
        const Index j = blocks.begin(block);
        const Index columns = blocks.end(block) - j;
        gram.block(j, j, d - j, columns).noalias() +=
            a.rightCols(d - j).transpose() * a.middleCols(j, columns);
    });
}

}  // namespace ermine
