// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <vector>

#include <Eigen/Core>

#include "problem.hpp"

namespace linear {

/// d × K weights or n × K numbers of the examples, row by row.
using Matrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Calls f(first, last, part) for a few stretches of the examples, on all threads.
inline constexpr Index parts = 16;
template <class F>
void for_parts(Index examples, const F& f) {
#pragma omp parallel for schedule(dynamic)
    for (Index part = 0; part < parts; ++part)
        f(examples * part / parts, examples * (part + 1) / parts, part);
}

/// Calls f(j, x) for the stored numbers of a row.
template <class Rows, class F>
void for_row(const Rows& rows, Index i, const F& f) {
    if constexpr (requires { rows.columns; }) {
        for (Index e = rows.offsets[i]; e < rows.offsets[i + 1]; ++e)
            f(Index{rows.columns[e]}, static_cast<double>(rows.values[e]));
    } else {
        const float* const row = rows.row(i);
        for (Index j = 0; j < rows.features; ++j) f(j, static_cast<double>(row[j]));
    }
}

/// Calls f(first, count, block of rows as doubles, part).
template <class Examples, class F>
void for_blocks(const Examples& d, const F& f) {
    constexpr Index block = 256;
    for_parts(d.examples(), [&](Index begin, Index end, Index part) {
        Matrix x;
        for (Index first = begin; first < end; first += block) {
            const Index count = std::min(block, end - first);
            x = d.rows().matrix().middleRows(first, count).template cast<double>();
            f(first, count, x, part);
        }
    });
}

/// X W, n × K: the benchmark's own plain loops, in double.
inline Matrix multiply(const Data& data, const Matrix& weights) {
    const Index classes = weights.cols();
    return std::visit(
        [&](const auto& d) {
            Matrix p = Matrix::Zero(d.examples(), classes);
            if constexpr (requires { d.rows().matrix(); })
                if (classes > 1) {
                    for_blocks(d, [&](Index first, Index count, const Matrix& x, Index) {
                        p.middleRows(first, count).noalias() = x * weights;
                    });
                    return p;
                }
            for_parts(d.examples(), [&](Index first, Index last, Index) {
                for (Index i = first; i < last; ++i) {
                    if (classes == 1) {
                        double sum = 0;
                        for_row(d.rows(), i,
                                [&](Index j, double x) { sum += x * weights.data()[j]; });
                        p(i, 0) = sum;
                    } else {
                        for_row(d.rows(), i, [&](Index j, double x) {
                            if (x != 0) p.row(i) += x * weights.row(j);
                        });
                    }
                }
            });
            return p;
        },
        data);
}

/// Xᵀ S, d × K.
inline Matrix multiply_transposed(const Data& data, const Matrix& s) {
    const Index classes = s.cols();
    return std::visit(
        [&](const auto& d) {
            std::vector<Matrix> sums(parts, Matrix::Zero(d.features(), classes));
            if constexpr (requires { d.rows().matrix(); })
                if (classes > 1) {
                    for_blocks(d, [&](Index first, Index count, const Matrix& x, Index part) {
                        sums[static_cast<std::size_t>(part)].noalias() +=
                            x.transpose() * s.middleRows(first, count);
                    });
                    for (std::size_t k = 1; k < sums.size(); ++k) sums.front() += sums[k];
                    return sums.front();
                }
            for_parts(d.examples(), [&](Index first, Index last, Index part) {
                Matrix& sum = sums[static_cast<std::size_t>(part)];
                for (Index i = first; i < last; ++i) {
                    if (s.row(i).isZero(0)) continue;
                    if (classes == 1) {
                        const double slope = s(i, 0);
                        for_row(d.rows(), i,
                                [&](Index j, double x) { sum.data()[j] += x * slope; });
                    } else {
                        for_row(d.rows(), i, [&](Index j, double x) {
                            if (x != 0) sum.row(j) += x * s.row(i);
                        });
                    }
                }
            });
            for (std::size_t k = 1; k < sums.size(); ++k) sums.front() += sums[k];
            return sums.front();
        },
        data);
}

}  // namespace linear
