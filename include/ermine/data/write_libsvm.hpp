// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>

#include <ermine/data/atomic_file.hpp>
#include <ermine/data/dataset.hpp>

namespace ermine {

/// Writes a LIBSVM file that read_libsvm reads back exactly: the shortest numbers that round to the
/// same floats or doubles. Of dense rows the zeros are left out, of sparse rows all that is stored
/// is written. The format has no place for the number of features (pass it when reading) nor for
/// names of classes and features.
///
/// The file appears whole or not at all (AtomicFile). Throws DataError if it cannot be written, and
/// std::invalid_argument for weighted data, whose weights the format cannot hold, or a feature that
/// is not finite, with nothing written.
template <class Rows>
void write_libsvm(const std::string& path, const Dataset<Rows>& data) {
    using T = typename Rows::Scalar;
    if (data.weighted()) {
        throw std::invalid_argument("write_libsvm: a LIBSVM file cannot hold example weights");
    }
    AtomicFile file(path);
    const auto entry = [&file](Index example, Index column, T value) {
        if (!std::isfinite(value)) {
            throw std::invalid_argument("write_libsvm: feature " + std::to_string(column + 1) +
                                        " of example " + std::to_string(example + 1) + " is " +
                                        std::to_string(value) + "; a file holds finite numbers");
        }
        file.write(" ");
        file.write_number(column + 1);
        file.write(":");
        file.write_number(value);
    };
    const Rows& rows = data.rows();
    for (Index i = 0; i < data.examples(); ++i) {
        file.write_number(data.targets()[i]);
        if constexpr (requires { rows.columns; }) {
            for (std::size_t k = 0; k < rows.row_values(i).size(); ++k) {
                entry(i, rows.row_columns(i)[k], rows.row_values(i)[k]);
            }
        } else {
            for (Index j = 0; j < rows.features; ++j) {
                const T value = rows.row(i)[j];
                if (value != 0 || std::signbit(value)) {
                    entry(i, j, value);
                }
            }
        }
        file.write("\n");
    }
    file.commit();
}

}  // namespace ermine
