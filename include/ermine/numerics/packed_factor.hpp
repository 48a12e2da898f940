// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/packed_product.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/strided.hpp>

namespace ermine {

/// The left factor of many products, one after the other, with few columns each: copied once into
/// the order in which PackedProduct takes it. The products are on one thread; threads may share the
/// factor.
template <class T>
class PackedFactor {
public:
    /// Keeps a copy of A. Allocates where A is larger than what was kept before, or smaller.
    void pack(Strided<const T> a) {
        rows_ = a.rows;
        columns_ = a.columns;
        const Index panels = (rows_ + Product::high - 1) / Product::high;
        numbers_.resize(panels * Product::high * columns_);
        each_piece([&](Index k, Index deep) {
            T* const to = numbers_.data() + panels * Product::high * k;
            for_each_chunk(panels, [&](Index panel) {
                const Index i = panel * Product::high;
                Product::pack_left(a.block(i, k, std::min(Product::high, rows_ - i), deep),
                                   to + i * deep);
            });
        });
    }

    /// C ← A B, or C ← C + A B with `add`, for B and C that lie column by column; of `parts` parts
    /// of C's rows, that one.
    void multiply(Strided<T> c, Strided<const T> b, bool add, Index part = 0,
                  Index parts = 1) const {
        const Index panels = (rows_ + Product::high - 1) / Product::high;
        const Index first = part * panels / parts * Product::high;
        const Index end = std::min((part + 1) * panels / parts * Product::high, rows_);
        each_piece([&](Index k, Index deep) {
            const T* left = numbers_.data() + panels * Product::high * k + first * deep;
            for (Index i = first; i < end; i += Product::high) {
                Product::multiply_where_it_lies(
                    c.block(i, 0, std::min(Product::high, end - i), c.columns), deep, left,
                    b.block(k, 0, deep, b.columns), add || k > 0);
                left += Product::high * deep;
            }
        });
    }

private:
    using Product = PackedProduct<T>;

    Index rows_ = 0;
    Index columns_ = 0;
    Eigen::Matrix<T, Eigen::Dynamic, 1> numbers_;

    /// f(first, count) for pieces of the columns of A, of even size.
    template <class F>
    void each_piece(const F& f) const {
        const Index depth = Product::even_depth(columns_);
        for (Index k = 0; k < columns_; k += depth) f(k, std::min(depth, columns_ - k));
    }
};

}  // namespace ermine
