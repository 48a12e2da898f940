// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/packed_product.hpp>
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
        T* to = numbers_.data();
        each_piece([&](Index k, Index deep) {
            for (Index i = 0; i < rows_; i += Product::high) {
                Product::pack_left(a.block(i, k, std::min(Product::high, rows_ - i), deep), to);
                to += Product::high * deep;
            }
        });
    }

    /// C ← A B, or C ← C + A B with `add`, for a column-major C.
    void multiply(Strided<T> c, Strided<const T> b, bool add) const {
        alignas(64) T right[Product::room + Product::width];
        const Index most = Product::even_columns(c.columns, Product::deepest);
        for (Index j = 0; j < c.columns; j += most) {
            const Index columns = std::min(most, c.columns - j);
            const T* left = numbers_.data();
            each_piece([&](Index k, Index deep) {
                Product::pack_right(b.block(k, j, deep, columns), right);
                for (Index i = 0; i < rows_; i += Product::high) {
                    const Index rows = std::min(Product::high, rows_ - i);
                    const T* tile = right;
                    Product::each_tile(columns, [&](auto count, Index q) {
                        Product::multiply_packed(
                            count, c.block(i, j + q, rows, static_cast<Index>(count())), deep, left,
                            Product::high, tile, add || k > 0);
                        tile += deep * static_cast<Index>(count());
                    });
                    left += Product::high * deep;
                }
            });
        }
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
