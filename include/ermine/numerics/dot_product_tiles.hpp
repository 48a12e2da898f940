// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <utility>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/strided.hpp>

namespace ermine {

/// C ← A B or C ← C + A B for a row-major A and a column-major B, on one thread: each number of C
/// is a scalar product of two stretches of memory, and a tile of them is taken at once, so that
/// nothing need be copied. For few columns that is less work than packing A would be.
template <class T>
class DotProductTiles {
    using Packet = typename Eigen::internal::packet_traits<T>::type;
    static constexpr Index width = Eigen::internal::unpacket_traits<Packet>::size;
    static constexpr bool few_registers = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS < 16;

public:
    static constexpr Index high = few_registers ? 2 : 4;  ///< rows of a tile
    static constexpr Index wide = few_registers ? 2 : 3;  ///< its columns

    static void multiply(Strided<T> c, Strided<const T> a, Strided<const T> b, bool add) {
        // So many columns of B stay in the second-level cache while all rows of A pass.
        const Index numbers = Index{196608} / Index{sizeof(T)};
        const Index most =
            std::max(numbers / std::max<Index>(b.rows, 1) / wide * wide, Index{4} * wide);
        for (Index first = 0; first < c.columns; first += most) {
            const Index last = std::min(first + most, c.columns);
            for (Index i = 0; i < c.rows; i += high)
                for (Index j = first; j < last; j += wide)
                    multiply_tile(c, a, b, i, j, add, std::make_index_sequence<high>{},
                                  std::make_index_sequence<wide>{},
                                  std::make_index_sequence<high * wide>{});
        }
    }

private:
    // The row and column of a sum are s / wide and s % wide: constants, so that sums are registers.
    template <std::size_t... r, std::size_t... q, std::size_t... s>
    static void multiply_tile(Strided<T> c, Strided<const T> a, Strided<const T> b, Index i,
                              Index j, bool add, std::index_sequence<r...>,
                              std::index_sequence<q...>, std::index_sequence<s...>) {
        namespace packet = Eigen::internal;
        // Beyond the end the last row or column once more.
        const T* const left[] = {a.at(std::min(i + static_cast<Index>(r), c.rows - 1), 0)...};
        const T* const right[] = {b.at(0, std::min(j + static_cast<Index>(q), c.columns - 1))...};
        Packet sums[] = {(static_cast<void>(s), packet::pset1<Packet>(T(0)))...};
        const Index whole = a.columns / width * width;
        for (Index k = 0; k < whole; k += width) {
            const Packet columns[] = {packet::ploadu<Packet>(right[q] + k)...};
            ((sums[s] = packet::pmadd(packet::ploadu<Packet>(left[s / wide] + k), columns[s % wide],
                                      sums[s])),
             ...);
        }
        T totals[] = {packet::predux(sums[s])...};
        for (Index k = whole; k < a.columns; ++k)
            ((totals[s] += left[s / wide][k] * right[s % wide][k]), ...);
        for (Index column = 0; column < std::min(wide, c.columns - j); ++column)
            for (Index row = 0; row < std::min(high, c.rows - i); ++row) {
                T& to = *c.at(i + row, j + column);
                const T sum = totals[row * wide + column];
                to = add ? to + sum : sum;
            }
    }
};

}  // namespace ermine
