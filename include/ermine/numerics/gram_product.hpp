// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <utility>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/packed_product.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/strided.hpp>

namespace ermine {

/// The lower triangle of G += Aᵀ A for a row-major m × d matrix A and a column-major G; a little of
/// the other triangle is written, too. Each thread takes a stripe of rows of G, all of as many
/// numbers; a number is the same sum wherever G is cut: the same bits on any number of threads.
template <class A, class G>
void add_gram_product(const Eigen::MatrixBase<A>& a, Eigen::MatrixBase<G>& gram) {
    using T = typename A::Scalar;
    const Index d = a.cols();
    const auto right = strided(std::as_const(a.derived()));
    const auto sum = strided(gram.derived());
    constexpr double least = 1e5;  // multiplications that are worth a thread
    const auto size = static_cast<double>(d);
    const auto worth = static_cast<Index>(static_cast<double>(a.rows()) * size * size / least);
    const Index stripes = std::clamp<Index>(worth, 1, threads_at_hand());
    constexpr Index high = PackedProduct<T>::high;
    const auto begin = [&](Index stripe) {
        const double share = static_cast<double>(stripe) / static_cast<double>(stripes);
        return stripe == stripes ? d : static_cast<Index>(std::sqrt(share) * size) / high * high;
    };
    for_each_chunk(stripes, [&](Index stripe) {
        const Index first = begin(stripe);
        const Index count = begin(stripe + 1) - first;
        const auto left = right.transposed().block(first, 0, count, a.rows());
        PackedProduct<T>::multiply(sum.block(first, 0, count, first + count), left,
                                   right.block(0, 0, a.rows(), first + count), true, first);
    });
}

}  // namespace ermine
