// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <concepts>
#include <type_traits>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// A matrix in memory, its number (i, j) at data[i · down + j · across]. One of the two is 1.
template <class T>
struct Strided {
    T* data;
    Index rows;
    Index columns;
    Index down;
    Index across;

    T* at(Index i, Index j) const { return data + i * down + j * across; }
    Strided block(Index i, Index j, Index height, Index width) const {
        return {at(i, j), height, width, down, across};
    }
    operator Strided<const T>() const { return {data, rows, columns, down, across}; }
    Strided transposed() const { return {data, columns, rows, across, down}; }
};

/// What can be seen so: a matrix of floats or doubles, a map or block of one, their transposes.
template <class M>
concept StridedMatrix =
    requires(M& m) {
        m.data();
        m.outerStride();
    } && (std::remove_cvref_t<M>::InnerStrideAtCompileTime == 1) &&
    (std::same_as<typename std::remove_cvref_t<M>::Scalar, float> ||
     std::same_as<typename std::remove_cvref_t<M>::Scalar, double>);

/// The matrix as such.
template <StridedMatrix M>
auto strided(M& m) {
    using T = std::remove_pointer_t<decltype(m.data())>;
    const Index outer = m.outerStride();
    if constexpr (std::remove_cvref_t<M>::IsRowMajor)
        return Strided<T>{m.data(), m.rows(), m.cols(), outer, 1};
    else
        return Strided<T>{m.data(), m.rows(), m.cols(), 1, outer};
}

}  // namespace ermine
