// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/strided.hpp>

namespace ermine {

/// C ← A B or C ← C + A B for a column-major C and a B of which many numbers are 0, on one thread:
/// half of those that a ReLU hands on, or passes back, are. The others are listed column by column,
/// and a stretch of a column of C stays in registers while its list passes. Each of its
/// multiplications loads a packet of A, so that it runs at the speed of PackedProduct only from the
/// first-level cache, where a stretch of A's rows is kept. A 0 in B adds nothing, even beside ∞.
template <class T>
class ZeroSkippingProduct {
    using Packet = typename Eigen::internal::packet_traits<T>::type;
    static constexpr Index width = Eigen::internal::unpacket_traits<Packet>::size;

public:
    static constexpr Index worthwhile = 12 * width;  ///< rows of C at least

    /// Whether so many numbers of B are 0, by a sample of its lines, that skipping them pays.
    static bool pays(Strided<const T> b) {
        if (b.down != 1) b = b.transposed();
        const Index every = std::max<Index>(b.columns / 16, 1);
        Index zeros = 0;
        Index seen = 0;
        for (Index j = 0; j < b.columns; j += every) {
            const T* const line = b.at(0, j);
            for (Index k = 0; k < b.rows; ++k) zeros += line[k] == T(0) ? 1 : 0;
            seen += b.rows;
        }
        return zeros * 10 > seen * 3;
    }

    static void multiply(Strided<T> c, Strided<const T> a, Strided<const T> b, bool add) {
        alignas(64) T left[deepest * stride];
        Entry entries[room];
        Index ends[most_columns + 1];
        const Index packets = (c.rows + width - 1) / width;
        const Index panels = (packets + most - 1) / most;
        // What is taken together of C stays in the second-level cache, or A is copied less often.
        const Index together = a.down == 1 ? std::min(Index{96}, most_columns) : most_columns;
        for (Index j = 0; j < c.columns; j += together) {
            const Index columns = std::min(together, c.columns - j);
            for (Index k = 0; k == 0 || k < b.rows; k += deepest) {
                const Index deep = std::min(deepest, b.rows - k);
                list(b.block(k, j, deep, columns), entries, ends);
                for (Index panel = 0; panel < panels; ++panel) {
                    const Index i = panel * packets / panels * width;
                    const Index end = std::min((panel + 1) * packets / panels * width, c.rows);
                    pack(a.block(i, k, end - i, deep), left);
                    multiply_panel(c.block(i, j, end - i, columns), left, entries, ends,
                                   add || k > 0);
                }
            }
        }
    }

private:
    static constexpr Index most = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 16 ? 12 : 4;  ///< sums
    static constexpr Index stride = most * width;
    static constexpr Index deepest =
        std::max(Index{24576} / (stride * Index{sizeof(T)}) / 16 * 16, Index{16});

    /// A number of B that is not 0, and where the row of A that it multiplies begins.
    struct Entry {
        T factor;
        std::int32_t at;
    };
    static constexpr Index room = Index{131072} / Index{sizeof(Entry)};
    static constexpr Index most_columns = room / deepest;

    /// Those of column j are at `deepest` · j and up to ends[j].
    static void list(Strided<const T> b, Entry* entries, Index* ends) {
        const auto add = [&](Index k, Index j, T factor) {
            Index& end = ends[j];
            entries[end] = {factor, static_cast<std::int32_t>(k * stride)};
            end += factor == T(0) ? 0 : 1;
        };
        for (Index j = 0; j < b.columns; ++j) ends[j] = j * deepest;
        if (b.down == 1) {
            for (Index j = 0; j < b.columns; ++j)
                for (Index k = 0; k < b.rows; ++k) add(k, j, *b.at(k, j));
        } else {
            constexpr Index some = 16;  // columns, whose ends and lines of B stay at hand
            for (Index first = 0; first < b.columns; first += some)
                for (Index k = 0; k < b.rows; ++k)
                    for (Index j = first; j < std::min(first + some, b.columns); ++j)
                        add(k, j, *b.at(k, j));
        }
    }

    /// Row k of the panel, column k of A, begins at k · stride; zeros to the end of a packet.
    static void pack(Strided<const T> a, T* to) {
        namespace packet = Eigen::internal;
        const Index whole = a.rows / width * width;
        Index k = 0;
        if (a.down == 1) {
            for (Index column = 0; column < a.columns; ++column)
                for (Index i = 0; i < whole; i += width)
                    packet::pstore(to + column * stride + i,
                                   packet::ploadu<Packet>(a.at(i, column)));
            k = a.columns;
        }
        for (; k + width <= a.columns; k += width)
            for (Index i = 0; i < whole; i += width)
                transpose_rows(Packet{}, a.at(i, k), a.down, to + k * stride + i);
        for (; k < a.columns; ++k)
            for (Index i = 0; i < whole; ++i) to[k * stride + i] = *a.at(i, k);
        if (whole < a.rows)
            for (Index column = 0; column < a.columns; ++column)
                for (Index i = whole; i < whole + width; ++i)
                    to[column * stride + i] = i < a.rows ? *a.at(i, column) : T(0);
    }

    /// The type of packets is deduced: named as an argument of PacketBlock it would lose its
    /// attributes, with a warning.
    template <class P>
    static void transpose_rows(P, const T* from, Index down, T* to) {
        namespace packet = Eigen::internal;
        packet::PacketBlock<P, width> square;
        for (Index i = 0; i < width; ++i) square.packet[i] = packet::ploadu<P>(from + i * down);
        packet::ptranspose(square);
        for (Index i = 0; i < width; ++i) packet::pstore(to + i * stride, square.packet[i]);
    }

    static void multiply_panel(Strided<T> c, const T* left, const Entry* entries, const Index* ends,
                               bool add) {
        with_packets((c.rows + width - 1) / width,
                     [&]<std::size_t... q>(std::index_sequence<q...> all) {
                         const bool whole = c.rows % width == 0;
                         alignas(64) T column[stride];
                         for (Index j = 0; j < c.columns; ++j) {
                             const Entry* const first = entries + j * deepest;
                             const Entry* const end = entries + ends[j];
                             T* const to = c.at(0, j);
                             if (whole) {
                                 sum_up(left, first, end, to, add, all);
                             } else {
                                 if (add) std::copy_n(to, c.rows, column);
                                 sum_up(left, first, end, column, add, all);
                                 std::copy_n(column, c.rows, to);
                             }
                         }
                     });
    }

    /// f(0, …, packets − 1): their number as a constant.
    template <std::size_t n = 1, class F>
    static void with_packets(Index packets, const F& f) {
        if constexpr (n < static_cast<std::size_t>(most)) {
            if (packets > static_cast<Index>(n)) return with_packets<n + 1>(packets, f);
        }
        f(std::make_index_sequence<n>{});
    }

    template <std::size_t... q>
    static void sum_up(const T* left, const Entry* entry, const Entry* end, T* to, bool add,
                       std::index_sequence<q...>) {
        namespace packet = Eigen::internal;
        if (add)
            add_rows(left, entry, end, to,
                     packet::ploadu<Packet>(to + static_cast<Index>(q) * width)...);
        else
            add_rows(left, entry, end, to, (static_cast<void>(q), packet::pset1<Packet>(T(0)))...);
    }

    /// Each sum has a name of its own: of an array a compiler may think that it belongs in memory.
    template <class... Sums>
    static EIGEN_ALWAYS_INLINE void add_rows(const T* left, const Entry* entry, const Entry* end,
                                             T* to, Sums... sum) {
        namespace packet = Eigen::internal;
        Index i = 0;
        for (; entry != end; ++entry) {
            const T* const row = left + entry->at;
            const Packet factor = packet::pset1<Packet>(entry->factor);
            i = 0;
            ((sum = packet::pmadd(packet::pload<Packet>(row + width * i++), factor, sum)), ...);
        }
        i = 0;
        (packet::pstoreu(to + width * i++, sum), ...);
    }
};

}  // namespace ermine
