// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <type_traits>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// The features of one example of dense or sparse rows into a vector of its size, as numbers of its
/// type.
template <class Rows, class V>
void copy_example(const Rows& rows, Index example, V&& to) {
    using T = typename std::remove_cvref_t<V>::Scalar;
    if constexpr (requires { rows.row(example); }) {
        using Row = Eigen::Matrix<typename Rows::Scalar, Eigen::Dynamic, 1>;
        to = Eigen::Map<const Row>(rows.row(example), rows.features).template cast<T>();
    } else {
        to.setZero();
        const auto values = rows.row_values(example);
        const auto columns = rows.row_columns(example);
        for (std::size_t e = 0; e < values.size(); ++e) to[columns[e]] = static_cast<T>(values[e]);
    }
}

}  // namespace ermine
