// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/parallel.hpp>

namespace ermine {

/// The rows and columns first, …, first + count − 1 of the lower triangle of G += Aᵀ A: half of
/// them, the rectangle below, and the other half; few of them whole.
template <class A, class G>
void add_gram_triangle(const Eigen::MatrixBase<A>& a, Eigen::MatrixBase<G>& gram, Index first,
                       Index count) {
    if (count <= 0) return;
    const auto x = a.middleCols(first, count);
    if (count <= 32) {
        gram.block(first, first, count, count).noalias() += x.transpose() * x;
        return;
    }
    const Index half = (count / 2 + 7) / 8 * 8;
    add_gram_triangle(a, gram, first, half);
    gram.block(first + half, first, count - half, half).noalias() +=
        x.rightCols(count - half).transpose() * x.leftCols(half);
    add_gram_triangle(a, gram, first + half, count - half);
}

/// The lower triangle of G += Aᵀ A for a row-major m × d matrix A, stripe by stripe of columns with
/// plain products: Eigen's own product of a triangle reaches half their speed on some machines.
/// Two stripes that are a thread's together have as many numbers as any two; they follow from d
/// alone: the same bits on any number of threads. A little of the other triangle is written, too.
template <class A, class G>
void add_gram_product(const Eigen::MatrixBase<A>& a, Eigen::MatrixBase<G>& gram) {
    const Index d = a.cols();
    const Index pairs = 2 * ((d + 383) / 384);  // stripes of at most 96 columns
    const Index width = ((d + 2 * pairs - 1) / (2 * pairs) + 7) / 8 * 8;
    const auto add_stripe = [&](Index stripe) {
        const Index first = std::min(stripe * width, d);
        const Index end = std::min(first + width, d);
        add_gram_triangle(a, gram, first, end - first);
        if (end < d)
            gram.block(end, first, d - end, end - first).noalias() +=
                a.rightCols(d - end).transpose() * a.middleCols(first, end - first);
    };
    for_each_chunk(pairs, [&](Index pair) {
        add_stripe(pair);
        add_stripe(2 * pairs - 1 - pair);
    });
}

}  // namespace ermine
