// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <concepts>
#include <type_traits>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/strided.hpp>
#include <ermine/numerics/strided_product.hpp>

namespace ermine {

/// C ← A B, or C ← C + A B with `add`, on all threads with the same bits on any number of them. C
/// has its size already and is no part of A or B.
///
/// Matrices of floats or doubles in memory are multiplied by `strided_product`, which uses no heap.
/// For all others, and with EIGEN_USE_BLAS, the product is Eigen's: C is cut along its longer side
/// into tiles that its shape alone decides. Each tile packs all of the other factor anew, which is
/// little beside the product as long as tiles are not narrow.
template <class C, class A, class B>
void tiled_product(C&& c, const A& a, const B& b, bool add = false) {
#ifdef EIGEN_USE_BLAS
    constexpr bool blas = true;
#else
    constexpr bool blas = false;
#endif
    if constexpr (!blas && StridedMatrix<C> && StridedMatrix<const A> && StridedMatrix<const B>) {
        strided_product<typename std::remove_cvref_t<C>::Scalar>(strided(c), strided(a), strided(b),
                                                                 add);
    } else {
        const auto multiply = [add](auto&& tile, const auto& left, const auto& right) {
            if (add)
                tile.noalias() += left * right;
            else
                tile.noalias() = left * right;
        };
        const Index rows = c.rows();
        const Index columns = c.cols();
        const Index longer = std::max(rows, columns);
        const double work = static_cast<double>(rows) * static_cast<double>(columns) *
                            static_cast<double>(a.cols());
        if (work < 1e5 || longer < 2) {  // below that Eigen stays on one thread by itself
            multiply(c, a, b);
            return;
        }
        // At least two, since a single one would be left to Eigen, which cuts by the number of
        // threads.
        constexpr Index width = 256;
        constexpr Index packets = 16;
        const Index tiles = std::clamp<Index>(longer / width, 2, 64);
        const Index even = (longer + tiles - 1) / tiles;
        const Index size = longer > 4 * packets ? (even + packets - 1) / packets * packets : even;
        const Chunks cut{longer, std::min(size, longer - 1)};
        for_each_chunk(cut.count(), [&](Index k) {
            const Index first = cut.begin(k);
            const Index count = cut.end(k) - first;
            if (rows >= columns)
                multiply(c.middleRows(first, count), a.middleRows(first, count), b);
            else
                multiply(c.middleCols(first, count), a, b.middleCols(first, count));
        });
    }
}

}  // namespace ermine
