// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <utility>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// The two products with a block of dense rows that a linear model needs, X w and Xᵀ s, written so
/// that a block which was read from memory for the first is still in cache for the second. `row(k)`
/// points to the `size` numbers of type T of row k, so that scattered rows need no copy.
///
/// Eigen's own products pack their operands, which costs more than it saves when each number is
/// used twice. All loads are of whole packets: the last one of a row overlaps the one before it,
/// with weights of 0 for what was counted already. Rows shorter than a packet take smaller packets.
template <class T>
class RowProducts {
public:
    /// p[k] = row(k) · w for k = 0, …, count - 1. Products are summed in T over at most 1024
    /// columns, in as many partial sums as a packet is wide, and in double above that.
    template <class Row>
    static void multiply(const Row& row, Index count, Index size, const T* w, double* p) {
        std::fill_n(p, count, 0.0);
        if (size > 0) multiply_by<widest>(row, count, size, w, p);
    }

    /// g[j] += Σ_k s[k] row(k)[j]. Sums are in T over the rows of the block, which should be few,
    /// and added to g in double. While it works in cache it asks for the rows count, …,
    /// count + ahead - 1 from memory, ahead <= count: the next block.
    template <class Row>
    static void add_scaled(const Row& row, Index count, Index ahead, Index size, const double* s,
                           double* g) {
        if (size == 0) return;
        if constexpr (std::same_as<T, double>) {
            add_scaled_by<widest>(row, count, ahead, size, s, g);
        } else {
            std::array<T, 64> converted;
            constexpr Index most = 64;
            for (Index first = 0; first < count; first += most) {
                const Index some = std::min(most, count - first);
                for (Index k = 0; k < some; ++k)
                    converted[static_cast<std::size_t>(k)] = static_cast<T>(s[first + k]);
                const auto from = [&](Index k) { return row(first + k); };
                add_scaled_by<widest>(from, some, std::min(some, ahead + count - first - some),
                                      size, converted.data(), g);
            }
        }
    }

private:
    /// The packet of W numbers, and the number itself for W = 1. Functions take W and not the
    /// packet as their template argument, which would lose its attributes.
    template <int W, bool single = W == 1>
    struct PacketOf {
        using type = typename Eigen::internal::find_best_packet<T, W>::type;
    };
    template <int W>
    struct PacketOf<W, true> {
        using type = T;
    };
    template <int W>
    using Packet = typename PacketOf<W>::type;

    static constexpr int widest = Eigen::internal::packet_traits<T>::size;

    /// The next smaller packet that the machine has.
    template <int W>
    static constexpr int smaller = sizeof(Packet<W / 2>) == sizeof(T) * (W / 2) ? W / 2 : 1;

    template <int W, class Row>
    static void multiply_by(const Row& row, Index count, Index size, const T* w, double* p) {
        if constexpr (W > 1) {
            if (size < W) return multiply_by<smaller<W>>(row, count, size, w, p);
        }
        constexpr Index panel = 1024;
        std::array<T, W> last{};
        const Index rest = size % W;
        std::copy_n(w + size - rest, rest, last.end() - rest);
        for (Index first = 0; first < size - rest; first += panel) {
            const Index end = std::min(first + panel, size - rest);
            const T* const extra = end == size - rest && rest > 0 ? last.data() : nullptr;
            Index k = 0;
            for (; k + 8 <= count; k += 8)
                multiply_some<W>(row, k, first, end, size, w, extra, p,
                                 std::make_index_sequence<8>{});
            for (; k + 2 <= count; k += 2)
                multiply_some<W>(row, k, first, end, size, w, extra, p,
                                 std::make_index_sequence<2>{});
            for (; k < count; ++k)
                multiply_some<W>(row, k, first, end, size, w, extra, p,
                                 std::make_index_sequence<1>{});
        }
    }

    /// The products with as many rows as there are numbers r, from row k on, over the columns
    /// first, …, end - 1, and over the last columns of all if there are `extra` weights for them.
    template <int W, class Row, std::size_t... r>
    static void multiply_some(const Row& row, Index k, Index first, Index end, Index size,
                              const T* w, const T* extra, double* p, std::index_sequence<r...>) {
        using namespace Eigen::internal;
        const T* const x[] = {row(k + static_cast<Index>(r))...};
        Packet<W> sum[] = {(static_cast<void>(r), pset1<Packet<W>>(T(0)))...};
        for (Index j = first; j < end; j += W) {
            const Packet<W> wj = ploadu<Packet<W>>(w + j);
            ((sum[r] = pmadd(ploadu<Packet<W>>(x[r] + j), wj, sum[r])), ...);
        }
        if (extra != nullptr) {
            const Packet<W> wj = ploadu<Packet<W>>(extra);
            const Index j = size - W;
            ((sum[r] = pmadd(ploadu<Packet<W>>(x[r] + j), wj, sum[r])), ...);
        }
        ((p[k + static_cast<Index>(r)] += static_cast<double>(predux(sum[r]))), ...);
    }

    template <int W, class Row>
    static void add_scaled_by(const Row& row, Index count, Index ahead, Index size, const T* s,
                              double* g) {
        if constexpr (W > 1) {
            if (size < W) return add_scaled_by<smaller<W>>(row, count, ahead, size, s, g);
        }
        Index j = 0;
        for (; j + 4 * W <= size; j += 4 * W)
            add_columns<W>(row, count, ahead, j, 0, s, g, std::make_index_sequence<4>{});
        for (; j + W <= size; j += W)
            add_columns<W>(row, count, ahead, j, 0, s, g, std::make_index_sequence<1>{});
        if (j < size) {
            const Index last = size - W;
            add_columns<W>(row, count, ahead, last, j - last, s, g, std::make_index_sequence<1>{});
        }
    }

    /// Columns j + skip, …, of as many packets as there are numbers c.
    template <int W, class Row, std::size_t... c>
    static void add_columns(const Row& row, Index count, Index ahead, Index j, Index skip,
                            const T* s, double* g, std::index_sequence<c...>) {
        using namespace Eigen::internal;
        constexpr Index columns = Index{sizeof...(c)} * W;
        Packet<W> sum[] = {(static_cast<void>(c), pset1<Packet<W>>(T(0)))...};
        for (Index k = 0; k < count; ++k) {
            const T* const x = row(k) + j;
            const Packet<W> sk = pset1<Packet<W>>(s[k]);
            ((sum[c] = pmadd(ploadu<Packet<W>>(x + static_cast<Index>(c) * W), sk, sum[c])), ...);
            if (k < ahead) {
                const T* const next = row(count + k) + j;
                for (Index line = 0; line < columns; line += 64 / Index{sizeof(T)})
                    prefetch(next + line);
            }
        }
        std::array<T, columns> sums;
        (pstoreu(sums.data() + static_cast<Index>(c) * W, sum[c]), ...);
        for (Index i = skip; i < columns; ++i)
            g[j + i] += static_cast<double>(sums[static_cast<std::size_t>(i)]);
    }
};

}  // namespace ermine
