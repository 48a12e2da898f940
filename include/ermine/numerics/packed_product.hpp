// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/strided.hpp>

namespace ermine {

template <class T>
class PackedFactor;

/// C ← A B or C ← C + A B for a column-major C, on one thread: both factors are copied, a piece at
/// a time, into the order in which a tile of C that stays in registers takes them (Goto & van de
/// Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34, 2008); or A alone,
/// where the columns of B lie in memory as they are. The tile is two packets high, as many columns
/// wide as registers allow, and no wider than C is at its end: few columns cost as little as they
/// are. What is taken for one tile of B stays in the nearest cache, while tiles of A come from the
/// next. All room is on the stack.
template <class T>
class PackedProduct {
    using Packet = typename Eigen::internal::packet_traits<T>::type;
    static constexpr Index width = Eigen::internal::unpacket_traits<Packet>::size;
    static constexpr int registers = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS;

public:
    static constexpr Index high = 2 * width;  ///< rows of a tile
    static constexpr Index wide = registers >= 32 ? 12 : registers >= 16 ? 6 : 2;  ///< its columns

    /// With `first`, only where i + first >= j: tiles that lie above that diagonal are left out,
    /// and what else is written there is not the product.
    static void multiply(Strided<T> c, Strided<const T> a, Strided<const T> b, bool add,
                         Index first = every) {
        alignas(64) T left[together * high * deepest];
        alignas(64) T right[room + width];
        const Index depth = even_depth(b.rows);
        const Index most = even_columns(c.columns, depth);
        for (Index j = 0; j < c.columns; j += most) {
            const Index columns = std::min(most, c.columns - j);
            const Index top = std::max<Index>(j - first, 0);
            for (Index k = 0; k == 0 || k < b.rows; k += std::max<Index>(depth, 1)) {
                const Index deep = std::min(depth, b.rows - k);
                pack_right(b.block(k, j, deep, columns), right);
                for (Index i = top; i < c.rows; i += together * high) {
                    const Index rows = std::min(together * high, c.rows - i);
                    multiply_panels(c.block(i, j, rows, columns), a.block(i, k, rows, deep), left,
                                    right, add || k > 0, i + first - j);
                }
            }
        }
    }

    /// Whether a copy of a B that lies column by column would not be used often: few rows of C,
    /// which fill tiles.
    static bool few_rows(Strided<const T> a, Strided<const T> b) {
        const Index padded = (a.rows + high - 1) / high * high;
        return b.down == 1 && a.rows <= 2 * together * high && padded * 6 <= a.rows * 7;
    }

    /// The same where B lies column by column, and C in any order: B's numbers are taken from where
    /// they are, and those of the next tile sent for.
    static void multiply_in_place(Strided<T> c, Strided<const T> a, Strided<const T> b, bool add) {
        alignas(64) T left[together * high * deepest];
        const Index depth = even_depth(b.rows);
        for (Index first = 0; first < c.rows; first += together * high) {
            const Index rows = std::min(together * high, c.rows - first);
            for (Index k = 0; k == 0 || k < b.rows; k += std::max<Index>(depth, 1)) {
                const Index deep = std::min(depth, b.rows - k);
                pack_left(a.block(first, k, rows, deep), left);
                each_tile(c.columns, [&]<std::size_t n>(Count<n>, Index j) {
                    constexpr auto size = static_cast<Index>(n);
                    const T* const right = b.at(k, j);
                    for (Index i = 0; i < rows; i += high) {
                        // a part of the next tile for each tile of rows
                        const Index part = std::min(i / high * sent_for, size - sent_for);
                        const bool more = size >= sent_for && j + 2 * size <= c.columns;
                        const T* const next = more ? right + (size + part) * b.across : right;
                        multiply_columns(
                            Count<n>{}, c.block(first + i, j, std::min(high, rows - i), size), deep,
                            left + i * deep, right, b.across, next, add || k > 0);
                    }
                });
            }
        }
    }

private:
    friend class PackedFactor<T>;  // a factor that is kept in this order

    static constexpr Index deepest = 320;
    static constexpr Index together = 4;  ///< tiles that are packed at once
    static constexpr Index every = std::numeric_limits<Index>::max() / 2;  ///< column
    static constexpr Index room = Index{131072} / Index{sizeof(T)};
    static constexpr Index line = Index{64} / Index{sizeof(T)};          ///< of a cache
    static constexpr Index sent_for = (wide + together - 1) / together;  ///< columns for a tile

    /// So many of that many numbers of a sum are taken at once: as even a share as may be.
    static Index even_depth(Index numbers) {
        const Index pieces = std::max<Index>((numbers + deepest - 1) / deepest, 1);
        return (numbers + pieces - 1) / pieces;
    }

    /// So many columns of the right factor are copied at once: as even a share as there is room
    /// for.
    static Index even_columns(Index columns, Index depth) {
        const Index most = room / std::max<Index>(depth, 1);
        const Index copies = std::max<Index>((columns + most - 1) / most, 1);
        return std::max<Index>((columns + copies - 1) / copies, 1);
    }

    template <std::size_t n>
    using Count = std::integral_constant<std::size_t, n>;

    /// f(Count<columns>): the number as a constant.
    template <std::size_t n = 1, class F>
    static void with_count(Index columns, const F& f) {
        if constexpr (n < static_cast<std::size_t>(wide)) {
            if (columns > static_cast<Index>(n)) return with_count<n + 1>(columns, f);
        }
        f(Count<n>{});
    }

    /// f(Count<columns>, first column) for tiles of even width: sums of a narrow tile would wait
    /// for each other.
    template <class F>
    static void each_tile(Index columns, const F& f) {
        const Index tiles = (columns + wide - 1) / wide;
        for (Index tile = 0; tile < tiles; ++tile) {
            const Index first = tile * columns / tiles;
            const Index size = (tile + 1) * columns / tiles - first;
            with_count(size, [&](auto count) { f(count, first); });
        }
    }

    /// As many columns as a tile has lie together, row after row.
    static void pack_right(Strided<const T> b, T* to) {
        each_tile(b.columns, [&]<std::size_t n>(Count<n>, Index j) {
            constexpr auto size = static_cast<Index>(n);
            const T* const from = b.at(0, j);
            Index k = 0;
            if (b.down == 1)
                for (; k + width <= b.rows; k += width)
                    transpose_columns<n>(Packet{}, from + k, b.across, to + k * size);
            for (; k < b.rows && b.across == 1; ++k)
                for (Index q = 0; q < size; ++q) to[k * size + q] = from[k * b.down + q];
            for (; k < b.rows; ++k)
                for (Index q = 0; q < size; ++q) to[k * size + q] = *b.at(k, j + q);
            to += b.rows * size;
        });
    }

    /// So many columns, as many rows of them as a packet has numbers. What is written beyond a
    /// row's end is written over by the next. The type of packets is deduced: named as an argument
    /// of PacketBlock it would lose its attributes, with a warning.
    template <std::size_t n, class P>
    static void transpose_columns(P, const T* from, Index across, T* to) {
        namespace packet = Eigen::internal;
        constexpr auto size = static_cast<Index>(n);
        constexpr Index squares = (size + width - 1) / width;
        packet::PacketBlock<P, width> square[squares];
        for (Index s = 0; s < squares; ++s) {
            for (Index q = 0; q < width; ++q)
                square[s].packet[q] =
                    packet::ploadu<P>(from + std::min(s * width + q, size - 1) * across);
            packet::ptranspose(square[s]);
        }
        for (Index k = 0; k < width; ++k)
            for (Index s = 0; s < squares; ++s)
                packet::pstoreu(to + k * size + s * width, square[s].packet[k]);
    }

    /// The rows of a tile, column after column, zeros below; one tile after the other. All are
    /// copied at once: where columns lie a page apart, that is one visit to each page.
    static void pack_left(Strided<const T> a, T* to) {
        namespace packet = Eigen::internal;
        const Index size = a.columns * high;  // of a tile
        const Index whole = a.rows / high;
        if (a.down == 1) {
            for (Index k = 0; k < a.columns; ++k)
                for (Index tile = 0; tile < whole; ++tile)
                    for (Index half = 0; half < high; half += width)
                        packet::pstoreu(to + tile * size + k * high + half,
                                        packet::ploadu<Packet>(a.at(tile * high + half, k)));
        } else {
            for (Index tile = 0; tile < whole; ++tile) {
                T* const panel = to + tile * size;
                Index k = 0;
                for (; k + width <= a.columns; k += width)
                    for (Index half = 0; half < high; half += width)
                        transpose_rows(Packet{}, a.at(tile * high + half, k), a.down,
                                       panel + k * high + half);
                for (; k < a.columns; ++k)
                    for (Index i = 0; i < high; ++i)
                        panel[k * high + i] = *a.at(tile * high + i, k);
            }
        }
        for (Index k = 0; whole * high < a.rows && k < a.columns; ++k)
            for (Index i = 0; i < high; ++i)
                to[whole * size + k * high + i] =
                    whole * high + i < a.rows ? *a.at(whole * high + i, k) : T(0);
    }

    /// As many rows as a packet has numbers, which become columns.
    template <class P>
    static void transpose_rows(P, const T* from, Index down, T* to) {
        namespace packet = Eigen::internal;
        packet::PacketBlock<P, width> square;
        for (Index i = 0; i < width; ++i) square.packet[i] = packet::ploadu<P>(from + i * down);
        packet::ptranspose(square);
        for (Index i = 0; i < width; ++i) packet::pstoreu(to + i * high, square.packet[i]);
    }

    /// Tiles whose first column lies more than `above` behind their last row are left out.
    static void multiply_panels(Strided<T> c, Strided<const T> a, T* left, const T* right, bool add,
                                Index above) {
        // For two tiles a copy does not pay.
        const bool as_it_is = a.down == 1 && c.columns <= 2 * wide && c.rows % high == 0;
        if (!as_it_is) pack_left(a, left);
        each_tile(c.columns, [&]<std::size_t n>(Count<n> count, Index j) {
            for (Index i = 0; i < c.rows; i += high)
                if (j < above + i + high)
                    multiply_packed(
                        count, c.block(i, j, std::min(high, c.rows - i), static_cast<Index>(n)),
                        a.columns, as_it_is ? a.at(i, 0) : left + i * a.columns,
                        as_it_is ? a.across : high, right, add);
            right += a.columns * static_cast<Index>(n);
        });
    }

    /// A tile of C from a copy of its columns of B.
    template <std::size_t n>
    static EIGEN_ALWAYS_INLINE void multiply_packed(Count<n>, Strided<T> c, Index depth,
                                                    const T* left, Index step, const T* right,
                                                    bool add) {
        write_tile(c, add, [&](T* to, Index across, bool sum) {
            multiply_tile<false>(depth, left, step, right, 0, right, to, across, sum,
                                 std::make_index_sequence<n>{});
        });
    }

    /// Tiles of C beside each other from columns of B that are taken from where they are.
    static void multiply_where_it_lies(Strided<T> c, Index depth, const T* left, Strided<const T> b,
                                       bool add) {
        each_tile(c.columns, [&]<std::size_t n>(Count<n> count, Index j) {
            const T* const right = b.at(0, j);
            multiply_columns(count, c.block(0, j, c.rows, static_cast<Index>(n)), depth, left,
                             right, b.across, right, add);
        });
    }

    /// A tile of C from columns of B that are taken from where they are, `column` apart.
    template <std::size_t n>
    static EIGEN_ALWAYS_INLINE void multiply_columns(Count<n>, Strided<T> c, Index depth,
                                                     const T* left, const T* right, Index column,
                                                     const T* next, bool add) {
        write_tile(c, add, [&](T* to, Index across, bool sum) {
            multiply_tile<true>(depth, left, high, right, column, next, to, across, sum,
                                std::make_index_sequence<n>{});
        });
    }

    /// multiply(to, across, add) into the tile itself, where it is whole and its columns lie in
    /// memory as they are; otherwise into another, which is copied.
    template <class F>
    static EIGEN_ALWAYS_INLINE void write_tile(Strided<T> c, bool add, const F& multiply) {
        alignas(64) T tile[high * wide];
        const bool itself = c.rows == high && c.down == 1;
        multiply(itself ? c.at(0, 0) : tile, itself ? c.across : high, itself && add);
        if (!itself) copy_tile(tile, c, add);
    }

    static void copy_tile(const T* tile, Strided<T> c, bool add) {
        for (Index i = 0; i < c.rows; ++i)
            for (Index q = 0; q < c.columns; ++q) {
                T& to = *c.at(i, q);
                to = add ? to + tile[q * high + i] : tile[q * high + i];
            }
    }

    /// Row k of the right factor begins at b[k], its next number `column` further; or, of a copy,
    /// at b[k · columns], one after the other. Lines from `next` on are sent for.
    template <bool in_place, std::size_t... q>
    static EIGEN_ALWAYS_INLINE void multiply_tile(Index depth, const T* a, Index step, const T* b,
                                                  Index column, const T* next, T* c, Index across,
                                                  bool add, std::index_sequence<q...>) {
        namespace packet = Eigen::internal;
        constexpr Index row = in_place ? 1 : Index{sizeof...(q)};
        const Index between = in_place ? column : 1;
        (packet::prefetch(c + static_cast<Index>(q) * across), ...);
        Packet upper[] = {(static_cast<void>(q), packet::pset1<Packet>(T(0)))...};
        Packet lower[] = {(static_cast<void>(q), packet::pset1<Packet>(T(0)))...};
        for (Index k = 0; k < depth;) {
            if constexpr (in_place && sizeof...(q) >= sent_for)
                for (Index s = 0; s < sent_for; ++s)
                    __builtin_prefetch(next + s * column + k, 0, 2);  // into the second cache
            const Index end = in_place ? std::min(k + line, depth) : depth;
            for (; k < end; ++k) {
                const Packet one = packet::ploadu<Packet>(a);
                const Packet two = packet::ploadu<Packet>(a + width);
                (add_column(one, two, packet::pset1<Packet>(b[static_cast<Index>(q) * between]),
                            upper[q], lower[q]),
                 ...);
                a += step;
                b += row;
            }
        }
        if (add)
            (store<true>(c + static_cast<Index>(q) * across, upper[q], lower[q]), ...);
        else
            (store<false>(c + static_cast<Index>(q) * across, upper[q], lower[q]), ...);
    }

    // Left to itself, a compiler may make a call of this, and sums no registers.
    static EIGEN_ALWAYS_INLINE void add_column(const Packet& first, const Packet& second,
                                               const Packet& factor, Packet& upper, Packet& lower) {
        upper = Eigen::internal::pmadd(first, factor, upper);
        lower = Eigen::internal::pmadd(second, factor, lower);
    }

    template <bool add>
    static EIGEN_ALWAYS_INLINE void store(T* to, const Packet& upper, const Packet& lower) {
        namespace packet = Eigen::internal;
        if constexpr (add) {
            packet::pstoreu(to, packet::padd(packet::ploadu<Packet>(to), upper));
            packet::pstoreu(to + width, packet::padd(packet::ploadu<Packet>(to + width), lower));
        } else {
            packet::pstoreu(to, upper);
            packet::pstoreu(to + width, lower);
        }
    }
};

}  // namespace ermine
