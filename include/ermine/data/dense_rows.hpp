// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// A view of the n × d matrix of examples, one row an example, stored row by row: feature j of
/// example i is `values[i * stride + j]`. It owns nothing; see Dataset.
template <class T>
struct DenseRows {
    using Scalar = T;
    using Matrix = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

    const T* values = nullptr;
    Index examples = 0;
    Index features = 0;
    Index stride = 0;  ///< Numbers from the start of one row to the start of the next, >= features.

    /// The first of the `features` numbers of example i.
    const T* row(Index i) const { return values + i * stride; }

    /// The same numbers as an Eigen matrix, n × d.
    Eigen::Map<const Matrix, Eigen::Unaligned, Eigen::OuterStride<>> matrix() const {
        return {values, examples, features, Eigen::OuterStride<>(stride)};
    }

    /// Numbers that are stored: n d.
    Index nonzeros() const { return examples * features; }
};

}  // namespace ermine
