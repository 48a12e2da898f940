// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/npy_writer.hpp>

namespace ermine {

/// Writes a NumPy array file that `numpy.load` and read_npy open: an Eigen vector or array becomes
/// one of 1 dimension, a matrix one of 2, in the order in which it lies in memory (column by column
/// is NumPy's Fortran order). Numbers are written as they are, NaN included.
///
/// The file appears whole or not at all (AtomicFile). Throws DataError if it cannot be written.
template <class Derived>
void write_npy(const std::string& path, const Eigen::DenseBase<Derived>& array) {
    using Plain = typename Derived::PlainObject;
    using T = typename Derived::Scalar;
    static_assert(std::is_arithmetic_v<T>, "an array file holds integers or real numbers");
    // Binds to plain matrices and their blocks, evaluates all else.
    const Eigen::Ref<const Plain> plain(array.derived());
    std::vector<std::int64_t> shape{plain.rows(), plain.cols()};
    if constexpr (Plain::IsVectorAtCompileTime) {
        shape = {plain.size()};
    }
    NpyWriter<T> file(path, std::move(shape), !Plain::IsVectorAtCompileTime && !Plain::IsRowMajor);
    for (Index k = 0; k < plain.outerSize(); ++k) {
        file.write(std::span<const T>(plain.data() + k * plain.outerStride(),
                                      static_cast<std::size_t>(plain.innerSize())));
    }
    file.commit();
}

}  // namespace ermine
