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

/// The products of RowProducts for rows of floats, in double throughout: weights, sums and results.
/// Half the memory is read that doubles would take, and no product is rounded.
class MixedRowProducts {
public:
    /// p[k] = row(k) · w for k = 0, …, count - 1.
    template <class Row>
    static void multiply(const Row& row, Index count, Index size, const double* w, double* p) {
        Index k = 0;
        for (; k + 4 <= count; k += 4)
            multiply_some(row, k, size, w, p, std::make_index_sequence<4>{});
        for (; k < count; ++k) multiply_some(row, k, size, w, p, std::make_index_sequence<1>{});
    }

    /// g[j] += Σ_k s[k] row(k)[j]; what `ahead` is, RowProducts says.
    template <class Row>
    static void add_scaled(const Row& row, Index count, Index ahead, Index size, const double* s,
                           double* g) {
        Index j = 0;
        for (; j + 4 * width <= size; j += 4 * width)
            add_columns(row, count, ahead, j, s, g, std::make_index_sequence<4>{});
        for (; j + width <= size; j += width)
            add_columns(row, count, ahead, j, s, g, std::make_index_sequence<1>{});
        for (; j < size; ++j) {
            double sum = 0;
            for (Index k = 0; k < count; ++k) sum += s[k] * static_cast<double>(row(k)[j]);
            g[j] += sum;
        }
    }

private:
    /// Doubles in a packet of this machine, and as many floats.
    static constexpr int width =
        std::max(2, static_cast<int>(Eigen::internal::packet_traits<double>::size));
    typedef double Doubles __attribute__((vector_size(width * sizeof(double))));
    typedef float Floats __attribute__((vector_size(width * sizeof(float))));

    static Doubles load(const double* from) {
        Doubles packet;
        std::memcpy(&packet, from, sizeof packet);
        return packet;
    }

    static Doubles load(const float* from) {
        Floats packet;
        std::memcpy(&packet, from, sizeof packet);
        return __builtin_convertvector(packet, Doubles);
    }

    static double sum_of(const Doubles& packet) {
        double sum = 0;
        for (int i = 0; i < width; ++i) sum += packet[i];
        return sum;
    }

    template <class Row, std::size_t... r>
    static void multiply_some(const Row& row, Index k, Index size, const double* w, double* p,
                              std::index_sequence<r...>) {
        const float* const x[] = {row(k + static_cast<Index>(r))...};
        Doubles sum[] = {(static_cast<void>(r), Doubles{})...};
        Index j = 0;
        for (; j + width <= size; j += width) {
            const Doubles wj = load(w + j);
            ((sum[r] += load(x[r] + j) * wj), ...);
        }
        double rest[] = {(static_cast<void>(r), 0.0)...};
        for (; j < size; ++j) ((rest[r] += static_cast<double>(x[r][j]) * w[j]), ...);
        ((p[k + static_cast<Index>(r)] = sum_of(sum[r]) + rest[r]), ...);
    }

    template <class Row, std::size_t... c>
    static void add_columns(const Row& row, Index count, Index ahead, Index j, const double* s,
                            double* g, std::index_sequence<c...>) {
        constexpr Index columns = Index{sizeof...(c)} * width;
        Doubles sum[] = {load(g + j + static_cast<Index>(c) * width)...};
        for (Index k = 0; k < count; ++k) {
            const float* const x = row(k) + j;
            ((sum[c] += load(x + static_cast<Index>(c) * width) * s[k]), ...);
            if (k < ahead) {
                const float* const next = row(count + k) + j;
                for (Index line = 0; line < columns; line += 64 / Index{sizeof(float)})
                    __builtin_prefetch(next + line);
            }
        }
        (std::memcpy(g + j + static_cast<Index>(c) * width, &sum[c], sizeof(Doubles)), ...);
    }
};

}  // namespace ermine
