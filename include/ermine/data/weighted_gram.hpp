// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstddef>

#include <ermine/data/dense_rows.hpp>
#include <ermine/data/row_block.hpp>
#include <ermine/data/sparse_rows.hpp>

namespace ermine {

/// Rows of a block as doubles with a 1 behind each, and the same scaled: room for weighted_gram.
struct GramWorkspace {
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> rows;
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> scaled;
};

/// The examples of a block as doubles, a row each, with a 1 behind each for an `intercept`: in the
/// first rows of `workspace.rows`, which only grows.
template <class T>
auto as_doubles(const RowBlock<DenseRows<T>>& block, bool intercept, GramWorkspace& workspace) {
    const Index features = block.rows.features;
    const Index size = features + (intercept ? 1 : 0);
    if (workspace.rows.rows() < block.count || workspace.rows.cols() != size)
        workspace.rows.resize(block.count, size);
    for (Index k = 0; k < block.count; ++k) {
        const Eigen::Map<const Eigen::Matrix<T, 1, Eigen::Dynamic>> x(
            block.rows.row(block.example(k)), features);
        workspace.rows.row(k).head(features) = x.template cast<double>();
        if (intercept) workspace.rows(k, features) = 1;
    }
    return workspace.rows.topRows(block.count);
}

/// G += Σ_k c_k x̃_k x̃_kᵀ over the dense examples of a block, where x̃ is x, followed by 1 with an
/// `intercept`. Only the lower triangle of G is written.
template <class T, class C, class G>
void add_weighted_gram(const RowBlock<DenseRows<T>>& block, bool intercept, const C& c, G&& gram,
                       GramWorkspace& workspace) {
    const auto x = as_doubles(block, intercept, workspace);
    if (workspace.scaled.rows() < x.rows() || workspace.scaled.cols() != x.cols())
        workspace.scaled.resize(x.rows(), x.cols());
    auto scaled = workspace.scaled.topRows(x.rows());
    scaled.noalias() = c.matrix().asDiagonal() * x;
    gram.template triangularView<Eigen::Lower>() += x.transpose() * scaled;
}

/// The same for sparse examples, whose columns increase: each pair of stored entries once.
template <class T, class C, class G>
void add_weighted_gram(const RowBlock<SparseRows<T>>& block, bool intercept, const C& c, G&& gram,
                       GramWorkspace&) {
    const Index last = block.rows.features;
    for (Index k = 0; k < block.count; ++k) {
        const auto values = block.rows.row_values(block.example(k));
        const auto columns = block.rows.row_columns(block.example(k));
        const double weight = c.coeff(k);
        for (std::size_t b = 0; b < values.size(); ++b) {
            const double scaled = weight * static_cast<double>(values[b]);
            const Index column = columns[b];
            for (std::size_t a = b; a < values.size(); ++a)
                gram.coeffRef(columns[a], column) += scaled * static_cast<double>(values[a]);
            if (intercept) gram.coeffRef(last, column) += scaled;
        }
        if (intercept) gram.coeffRef(last, last) += weight;
    }
}

}  // namespace ermine
