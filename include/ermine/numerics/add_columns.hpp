// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/parallel.hpp>

namespace ermine {

/// The sum of all columns of a matrix into `sum`, or added to it: runs of rows on all threads, each
/// number in the order of the columns.
template <class M, class V>
void add_columns(const Eigen::MatrixBase<M>& columns, V&& sum, bool add) {
    const Chunks runs = chunks_for(columns.rows(), columns.cols() < 256 ? columns.rows() : 64);
    for_each_chunk(runs.count(), [&](Index run) {
        const Index first = runs.begin(run);
        const Index count = runs.end(run) - first;
        auto to = sum.segment(first, count);
        if (!add) to.setZero();
        for (Index k = 0; k < columns.cols(); ++k) to += columns.col(k).segment(first, count);
    });
}

}  // namespace ermine
