// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>

#ifdef _OPENMP
#include <omp.h>
#endif

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/dot_product_tiles.hpp>
#include <ermine/numerics/packed_product.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/strided.hpp>
#include <ermine/numerics/zero_skipping_product.hpp>

namespace ermine {

/// C ← A B, or C ← C + A B with `add`, on all threads: by PackedProduct; by DotProductTiles where
/// that needs no copies and C is a strip; or by ZeroSkippingProduct where B (A, for a row-major C)
/// has many zeros. A number of C is the same sum in the same order however C is cut. So it is cut
/// into no more parts than there are threads, each of which passes over all of one factor, and
/// still has the same bits on any number of them. C is no part of A or B.
template <class T>
void strided_product(Strided<T> c, Strided<const T> a, Strided<const T> b, bool add = false) {
    if (c.down != 1) {
        strided_product(c.transposed(), b.transposed(), a.transposed(), add);
        return;
    }
    using Packed = PackedProduct<T>;
    using Dots = DotProductTiles<T>;
    using Skipping = ZeroSkippingProduct<T>;
    const bool strip = c.rows <= Packed::high || c.columns <= Packed::wide;
    const bool dots = a.across == 1 && b.down == 1 && strip;
    const bool skips = !strip && c.rows >= Skipping::worthwhile && Skipping::pays(b);
    const bool in_place = b.down == 1;
    // Rather a copy of the few columns than of all of A, where A's rows may be left where they are.
    const bool rather = c.columns <= Packed::high && 2 * c.columns <= c.rows;
    const bool few_columns =
        (!in_place || rather) && Packed::few_rows(b.transposed(), a.transposed());
    const auto multiply = [=](Strided<T> part, Strided<const T> left, Strided<const T> right) {
        if (dots)
            Dots::multiply(part, left, right, add);
        else if (skips)
            Skipping::multiply(part, left, right, add);
        else if (few_columns)
            Packed::multiply_in_place(part.transposed(), right.transposed(), left.transposed(),
                                      add);
        else if (in_place)
            Packed::multiply_in_place(part, left, right, add);
        else
            Packed::multiply(part, left, right, add);
    };
    const Index high = dots ? Dots::high : Packed::high;
    const Index wide = dots ? Dots::wide : Packed::wide;
    const Index rows = (c.rows + high - 1) / high;  // of tiles
    const Index columns = (c.columns + wide - 1) / wide;
    constexpr double least = 1e5;  // multiplications that are worth a thread
    const double work = static_cast<double>(c.rows) * static_cast<double>(c.columns) *
                        static_cast<double>(b.rows) / least;
    // What skips zeros lists all of them for each part by rows, and copies A for each by columns.
    const bool by_rows = skips ? a.down != 1 : few_columns || c.rows >= c.columns;
    const Index tiles = by_rows ? rows : columns;
    const Index parts = std::min({threads_at_hand(), tiles, static_cast<Index>(work)});
    if (parts <= 1) {
        multiply(c, a, b);
        return;
    }
    for_each_chunk(parts, [&](Index part) {
        const Index size = by_rows ? high : wide;
        const Index first = part * tiles / parts * size;
        const Index end = std::min((part + 1) * tiles / parts * size, by_rows ? c.rows : c.columns);
        if (by_rows)
            multiply(c.block(first, 0, end - first, c.columns),
                     a.block(first, 0, end - first, a.columns), b);
        else
            multiply(c.block(0, first, c.rows, end - first), a,
                     b.block(0, first, b.rows, end - first));
    });
}

}  // namespace ermine
