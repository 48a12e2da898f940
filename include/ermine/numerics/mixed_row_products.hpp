// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <utility>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/next_lines.hpp>

namespace ermine {

/// The products of RowProducts for rows of floats, in double throughout: weights, sums and results.
/// Half the memory is read that doubles would take, and no product is rounded. What limits them is
/// the conversion, so that memory must be asked for all the while: for the `next` rows.
class MixedRowProducts {
public:
    /// p[k] = row(k) · w for k = 0, …, count - 1.
    template <class Row>
    static void multiply(const Row& row, Index count, NextRows next, Index size, const double* w,
                         double* p) {
        NextLines<Row> lines(row, next, size);
        const Index asked = share(next, count, 4);
        const Index whole = size / width * width;
        // The last packet overlaps the one before, with weights of 0 for what was counted already.
        std::array<double, width> last{};
        if (whole > 0) std::copy(w + whole, w + size, last.end() - (size - whole));
        Index k = 0;
        for (; k + 4 <= count; k += 4)
            multiply_some(row, k, size, w, last.data(), p, lines, asked,
                          std::make_index_sequence<4>{});
        for (; k < count; ++k)
            multiply_some(row, k, size, w, last.data(), p, lines, asked,
                          std::make_index_sequence<1>{});
    }

    /// g[j] += Σ_k s[k] row(k)[j].
    template <class Row>
    static void add_scaled(const Row& row, Index count, NextRows next, Index size, const double* s,
                           double* g) {
        NextLines<Row> lines(row, next, size);
        const Index asked = share(next, count, width);
        Index j = 0;
        for (; j + 8 * width <= size; j += 8 * width)
            add_columns(row, count, j, 0, s, g, lines, asked, std::make_index_sequence<8>{});
        for (; j + 2 * width <= size; j += 2 * width)
            add_columns(row, count, j, 0, s, g, lines, (asked + 3) / 4,
                        std::make_index_sequence<2>{});
        for (; j + width <= size; j += width)
            add_columns(row, count, j, 0, s, g, lines, 1, std::make_index_sequence<1>{});
        if (j < size && size >= width) {
            const Index last = size - width;
            add_columns(row, count, last, j - last, s, g, lines, 0, std::make_index_sequence<1>{});
            return;
        }
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

    static Doubles load(const double* from) {
        Doubles packet;
        std::memcpy(&packet, from, sizeof packet);
        return packet;
    }

    static Doubles load(const float* from) {
        return converted(from, std::make_index_sequence<width>{});
    }

    /// One instruction, which GCC 12 makes of the list but not of __builtin_convertvector.
    template <std::size_t... i>
    static Doubles converted(const float* from, std::index_sequence<i...>) {
        return Doubles{static_cast<double>(from[i])...};
    }

    /// Lines to ask for while `lines` of the rows at hand are used.
    static Index share(NextRows next, Index count, Index lines) {
        return (lines * (next.end - next.begin) + count - 1) / count;
    }

    /// In pairs.
    static double sum_of(const Doubles& packet) {
        std::array<double, width> sums;
        std::memcpy(sums.data(), &packet, sizeof packet);
        for (std::size_t half = width / 2; half > 0; half /= 2)
            for (std::size_t i = 0; i < half; ++i) sums[i] += sums[i + half];
        return sums[0];
    }

    template <class Row, std::size_t... r>
    static void multiply_some(const Row& row, Index k, Index size, const double* w,
                              const double* last, double* p, NextLines<Row>& lines, Index asked,
                              std::index_sequence<r...>) {
        constexpr Index line = 64 / Index{sizeof(float)};
        const float* const x[] = {row(k + static_cast<Index>(r))...};
        Doubles sum[] = {(static_cast<void>(r), Doubles{})...};
        const auto add = [&](Index j, const double* weights) {
            const Doubles wj = load(weights);
            ((sum[r] += load(x[r] + j) * wj), ...);
        };
        Index j = 0;
        for (; j + line <= size; j += line) {
            for (Index l = 0; l < asked; ++l) lines.ask();
            for (Index i = 0; i < line; i += width) add(j + i, w + j + i);
        }
        for (; j + width <= size; j += width) add(j, w + j);
        if (j < size && size >= width) {
            add(size - width, last);
            j = size;
        }
        double rest[] = {(static_cast<void>(r), 0.0)...};
        for (; j < size; ++j) ((rest[r] += static_cast<double>(x[r][j]) * w[j]), ...);
        ((p[k + static_cast<Index>(r)] = sum_of(sum[r]) + rest[r]), ...);
    }

    /// Columns j, … of as many packets as there are numbers c; of a single one, all but `skip`.
    template <class Row, std::size_t... c>
    static void add_columns(const Row& row, Index count, Index j, Index skip, const double* s,
                            double* g, NextLines<Row>& lines, Index asked,
                            std::index_sequence<c...>) {
        Doubles sum[] = {(static_cast<void>(c), Doubles{})...};
        const auto add = [&](Index k) {
            const float* const x = row(k) + j;
            ((sum[c] += load(x + static_cast<Index>(c) * width) * s[k]), ...);
        };
        Index k = 0;
        for (; k + 2 <= count; k += 2) {
            for (Index l = 0; l < asked; ++l) lines.ask();
            add(k);
            add(k + 1);
        }
        for (; k < count; ++k) add(k);
        if (skip == 0) {
            ((sum[c] += load(g + j + static_cast<Index>(c) * width)), ...);
            (std::memcpy(g + j + static_cast<Index>(c) * width, &sum[c], sizeof(Doubles)), ...);
        } else {
            for (Index i = skip; i < width; ++i) g[j + i] += sum[0][i];
        }
    }
};

}  // namespace ermine
