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

private:
    static constexpr int width =
        std::max(2, static_cast<int>(Eigen::internal::packet_traits<T>::size));
    template <std::size_t packets>
    static constexpr Index together = 8 / Index{packets};  // examples: their sums fit the registers
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
                                 std::index_sequence<c...> packets) {
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
            constexpr Index some = together<sizeof...(c)>;
            Index k = 0;
            for (; k + some <= block.count; k += some)
                multiply_some<some>(block, k, v, stride, p, packets);
            for (; k < block.count; ++k) multiply_some<1>(block, k, v, stride, p, packets);
        }
    }

    template <Index some, class Block, std::size_t... c>
    static void multiply_some(const Block& block, Index k, const T* v, Index stride, T* p,
                              std::index_sequence<c...>) {
        const typename Block::Scalar* x[some];
        Packet sum[some][sizeof...(c)];
        for (Index r = 0; r < some; ++r) {
            x[r] = block.rows.row(block.example(k + r));
            ((sum[r][c] = Packet{}), ...);
        }
        for (Index j = 0; j < block.rows.features; ++j) {
            const Packet row[] = {load(v + j * stride + static_cast<Index>(c) * width)...};
#pragma GCC unroll 8
            for (Index r = 0; r < some; ++r) {
                const T factor = static_cast<T>(x[r][j]);
                ((sum[r][c] += row[c] * factor), ...);
            }
        }
        for (Index r = 0; r < some; ++r)
            (store(p + (k + r) * stride + static_cast<Index>(c) * width, sum[r][c]), ...);
    }

    template <class Block, std::size_t... c>
    static void add_packets(const Block& block, const T* s, Index stride, T* g,
                            std::index_sequence<c...> packets) {
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
            constexpr Index some = together<sizeof...(c)>;
            Index k = 0;
            for (; k + some <= block.count; k += some)
                add_some<some>(block, k, s, stride, g, packets);
            for (; k < block.count; ++k) add_some<1>(block, k, s, stride, g, packets);
        }
    }

    template <Index some, class Block, std::size_t... c>
    static void add_some(const Block& block, Index k, const T* s, Index stride, T* g,
                         std::index_sequence<c...>) {
        const typename Block::Scalar* x[some];
        Packet slope[some][sizeof...(c)];
        for (Index r = 0; r < some; ++r) {
            x[r] = block.rows.row(block.example(k + r));
            ((slope[r][c] = load(s + (k + r) * stride + static_cast<Index>(c) * width)), ...);
        }
        for (Index j = 0; j < block.rows.features; ++j) {
            T* const row = g + j * stride;
            Packet sum[] = {load(row + static_cast<Index>(c) * width)...};
#pragma GCC unroll 8
            for (Index r = 0; r < some; ++r) {
                const T factor = static_cast<T>(x[r][j]);
                ((sum[c] += slope[r][c] * factor), ...);
            }
            (store(row + static_cast<Index>(c) * width, sum[c]), ...);
        }
    }
};

}  // namespace ermine
