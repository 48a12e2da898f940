// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// Products of a row-major B × d matrix of floats with matrices of up to 32 columns, in floats:
/// X V and Xᵀ S. A general product packs X, which for so few columns costs as much as the product.
/// V, S and the results are row-major with `padded(K)` numbers a row, those behind K being 0.
class NarrowProducts {
public:
    using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    static constexpr Index most = 32;

    static constexpr Index padded(Index columns) {
        return columns <= 8 ? 8 : columns <= 16 ? 16 : 32;
    }

    /// P = X V for `count` rows of X, `stride` numbers apart.
    static void multiply(const float* x, Index count, Index stride, const Matrix& v, Matrix& p) {
        with_width(v.cols(), [&]<std::size_t R>() {
            Index i = 0;
            for (; i + 4 <= count; i += 4)
                multiply_some<R>(x + i * stride, stride, v, p, i, std::make_index_sequence<4>{});
            for (; i < count; ++i)
                multiply_some<R>(x + i * stride, stride, v, p, i, std::make_index_sequence<1>{});
        });
    }

    /// G += Xᵀ S for `count` rows of X, `stride` numbers apart.
    static void add_transposed(const float* x, Index count, Index stride, const Matrix& s,
                               Matrix& g) {
        with_width(s.cols(), [&]<std::size_t R>() {
            Index i = 0;
            for (; i + 4 <= count; i += 4)
                add_some<R>(x + i * stride, stride, s, i, g, std::make_index_sequence<4>{});
            for (; i < count; ++i)
                add_some<R>(x + i * stride, stride, s, i, g, std::make_index_sequence<1>{});
        });
    }

private:
    /// Floats in a packet of this machine, at most as many as the narrowest rows have.
    static constexpr std::size_t lanes =
        std::min<std::size_t>(8, Eigen::internal::packet_traits<float>::size);
    typedef float Packet __attribute__((vector_size(lanes * sizeof(float))));

    template <class F>
    static void with_width(Index columns, const F& f) {
        if (columns == 8)
            f.template operator()<8 / lanes>();
        else if (columns == 16)
            f.template operator()<16 / lanes>();
        else
            f.template operator()<32 / lanes>();
    }

    static Packet load(const float* from) {
        Packet packet;
        std::memcpy(&packet, from, sizeof packet);
        return packet;
    }

    template <std::size_t R, std::size_t... r>
    static void multiply_some(const float* x, Index stride, const Matrix& v, Matrix& p, Index i,
                              std::index_sequence<r...>) {
        constexpr auto width = static_cast<Index>(lanes * R);
        std::array<std::array<Packet, R>, sizeof...(r)> sum{};
        const float* row = v.data();
        for (Index j = 0; j < v.rows(); ++j, row += width) {
            std::array<Packet, R> vj;
            for (std::size_t c = 0; c < R; ++c) vj[c] = load(row + lanes * c);
            ((add(sum[r], x[static_cast<Index>(r) * stride + j], vj)), ...);
        }
        ((std::memcpy(p.data() + (i + static_cast<Index>(r)) * width, sum[r].data(),
                      sizeof(Packet) * R)),
         ...);
    }

    template <std::size_t R>
    static void add(std::array<Packet, R>& sum, float x, const std::array<Packet, R>& packets) {
        for (std::size_t c = 0; c < R; ++c) sum[c] += x * packets[c];
    }

    template <std::size_t R, std::size_t... r>
    static void add_some(const float* x, Index stride, const Matrix& s, Index i, Matrix& g,
                         std::index_sequence<r...>) {
        constexpr auto width = static_cast<Index>(lanes * R);
        std::array<std::array<Packet, R>, sizeof...(r)> si;
        for (std::size_t k = 0; k < sizeof...(r); ++k)
            for (std::size_t c = 0; c < R; ++c)
                si[k][c] = load(s.data() + (i + static_cast<Index>(k)) * width + lanes * c);
        float* row = g.data();
        for (Index j = 0; j < g.rows(); ++j, row += width) {
            std::array<Packet, R> gj;
            for (std::size_t c = 0; c < R; ++c) gj[c] = load(row + lanes * c);
            ((add(gj, x[static_cast<Index>(r) * stride + j], si[r])), ...);
            std::memcpy(row, gj.data(), sizeof(Packet) * R);
        }
    }
};

}  // namespace ermine
