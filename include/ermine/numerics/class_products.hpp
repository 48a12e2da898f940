// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// Products of rows with a matrix of a few columns, one a class, in sums of type T. The matrix has
/// a row a feature, `padded(K)` numbers long, so that each is a few whole packets: what a product
/// reads of it stays in registers for several examples. A general product of so narrow a matrix
/// would spend its time on packing.
template <class T>
class ClassProducts {
public:
    static Index padded(Index classes) { return (classes + width - 1) / width * width; }

    /// p = X_b V, the padded rows of p one after the other.
    template <class Block>
    static void multiply(const Block& block, const T* v, Index stride, T* p) {
        for (Index c = 0; c < stride;) {
            if (c + 2 * width <= stride) {
                multiply_packets(block, v + c, stride, p + c, std::make_index_sequence<2>{});
                c += 2 * width;
            } else {
                multiply_packets(block, v + c, stride, p + c, std::make_index_sequence<1>{});
                c += width;
            }
        }
    }

    /// G += X_bᵀ S.
    template <class Block>
    static void add_transposed(const Block& block, const T* s, Index stride, T* g) {
        for (Index c = 0; c < stride;) {
            if (c + 2 * width <= stride) {
                add_packets(block, s + c, stride, g + c, std::make_index_sequence<2>{});
                c += 2 * width;
            } else {
                add_packets(block, s + c, stride, g + c, std::make_index_sequence<1>{});
                c += width;
            }
        }
    }

    /// u ← w (diag(π) − ππᵀ) u for one padded row, by differences to the number of the likeliest
    /// class `top`: where that is all but sure, they are what counts.
    static void bend(const T* pi, Index stride, Index top, T w, T* u) {
        const T base = u[top];
        Packet sums = Packet{};
        for (Index c = 0; c < stride; c += width) {
            const Packet difference = load(u + c) - base;
            sums += load(pi + c) * difference;
            store(u + c, difference);
        }
        T mean = 0;
        for (int c = 0; c < width; ++c) mean += sums[c];
        for (Index c = 0; c < stride; c += width)
            store(u + c, load(pi + c) * (load(u + c) - mean) * w);
    }

private:
    static constexpr int width =
        std::max(2, static_cast<int>(Eigen::internal::packet_traits<T>::size));
    static constexpr int together = 8;  // packets of sums, which fit the registers
    typedef T Packet __attribute__((vector_size(width * sizeof(T))));

    static Packet load(const T* from) {
        Packet packet;
        std::memcpy(&packet, from, sizeof packet);
        return packet;
    }

    static void store(T* to, const Packet& packet) { std::memcpy(to, &packet, sizeof packet); }

    template <class Block>
    static constexpr bool sparse = requires(const Block& block) { block.rows.columns; };

    template <class Block, std::size_t... c>
    static void multiply_packets(const Block& block, const T* v, Index stride, T* p,
                                 std::index_sequence<c...>) {
        if constexpr (sparse<Block>) {
            for (Index k = 0; k < block.count; ++k) {
                const Index i = block.example(k);
                Packet sum[] = {(static_cast<void>(c), Packet{})...};
                for (Index e = block.rows.offsets[i]; e < block.rows.offsets[i + 1]; ++e) {
                    const T x = static_cast<T>(block.rows.values[e]);
                    const T* const row = v + block.rows.columns[e] * stride;
                    ((sum[c] += load(row + static_cast<Index>(c) * width) * x), ...);
                }
                (store(p + k * stride + static_cast<Index>(c) * width, sum[c]), ...);
            }
        } else {
            constexpr std::size_t packet_count = sizeof...(c);
            constexpr Index some = together / Index{packet_count};
            Index k = 0;
            for (; k + some <= block.count; k += some)
                multiply_some<packet_count>(block, k, v, stride, p,
                                            std::make_index_sequence<together>{},
                                            std::make_index_sequence<together / packet_count>{});
            for (; k < block.count; ++k)
                multiply_some<packet_count>(block, k, v, stride, p,
                                            std::make_index_sequence<packet_count>{},
                                            std::make_index_sequence<1>{});
        }
    }

    // The numbers of an example and of a packet are q / packets and q % packets: constants, so that
    // sums are registers.
    template <std::size_t packets, class Block, std::size_t... q, std::size_t... r>
    static void multiply_some(const Block& block, Index k, const T* v, Index stride, T* p,
                              std::index_sequence<q...>, std::index_sequence<r...>) {
        const typename Block::Scalar* const x[] = {
            block.rows.row(block.example(k + static_cast<Index>(r)))...};
        Packet sum[] = {(static_cast<void>(q), Packet{})...};
        for (Index j = 0; j < block.rows.features; ++j) {
            const Packet first = load(v + j * stride);
            const Packet second = packets > 1 ? load(v + j * stride + width) : first;
            const T factor[] = {static_cast<T>(x[r][j])...};
            ((sum[q] += (q % packets == 0 ? first : second) * factor[q / packets]), ...);
        }
        (store(p + (k + static_cast<Index>(q / packets)) * stride +
                   static_cast<Index>(q % packets) * width,
               sum[q]),
         ...);
    }

    template <class Block, std::size_t... c>
    static void add_packets(const Block& block, const T* s, Index stride, T* g,
                            std::index_sequence<c...>) {
        if constexpr (sparse<Block>) {
            for (Index k = 0; k < block.count; ++k) {
                const Index i = block.example(k);
                const Packet slope[] = {load(s + k * stride + static_cast<Index>(c) * width)...};
                for (Index e = block.rows.offsets[i]; e < block.rows.offsets[i + 1]; ++e) {
                    const T x = static_cast<T>(block.rows.values[e]);
                    T* const row = g + block.rows.columns[e] * stride;
                    (store(row + static_cast<Index>(c) * width,
                           load(row + static_cast<Index>(c) * width) + slope[c] * x),
                     ...);
                }
            }
        } else {
            constexpr std::size_t packet_count = sizeof...(c);
            constexpr Index some = together / Index{packet_count};
            Index k = 0;
            for (; k + some <= block.count; k += some)
                add_some<packet_count>(block, k, s, stride, g, std::make_index_sequence<together>{},
                                       std::make_index_sequence<together / packet_count>{});
            for (; k < block.count; ++k)
                add_some<packet_count>(block, k, s, stride, g,
                                       std::make_index_sequence<packet_count>{},
                                       std::make_index_sequence<1>{});
        }
    }

    template <std::size_t packets, class Block, std::size_t... q, std::size_t... r>
    static void add_some(const Block& block, Index k, const T* s, Index stride, T* g,
                         std::index_sequence<q...>, std::index_sequence<r...>) {
        const typename Block::Scalar* const x[] = {
            block.rows.row(block.example(k + static_cast<Index>(r)))...};
        const Packet slope[] = {load(s + (k + static_cast<Index>(q / packets)) * stride +
                                     static_cast<Index>(q % packets) * width)...};
        for (Index j = 0; j < block.rows.features; ++j) {
            T* const row = g + j * stride;
            Packet first = load(row);
            Packet second = packets > 1 ? load(row + width) : first;
            const T factor[] = {static_cast<T>(x[r][j])...};
            (((q % packets == 0 ? first : second) += slope[q] * factor[q / packets]), ...);
            store(row, first);
            if constexpr (packets > 1) store(row + width, second);
        }
    }
};

}  // namespace ermine
