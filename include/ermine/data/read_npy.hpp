// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cstddef>
#include <cstdint>
#include <string>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/data_error.hpp>
#include <ermine/data/mapped_file.hpp>
#include <ermine/data/npy_header.hpp>
#include <ermine/data/npy_header_parser.hpp>

namespace ermine {

/// Reads a NumPy array file of 1 or 2 dimensions into a matrix, a list as one column: of any
/// integers, truth values or real numbers (float16 and long double excepted), in either byte order,
/// row by row or column by column. A real T takes the nearest number, an integer T only integers
/// that it can hold. NaN and infinities are read as they are.
///
///     const Dataset data{read_npy("X.npy"), read_npy("y.npy").col(0)};
///
/// Throws DataError with the byte for everything else, a file that is truncated, overlong or whose
/// header is not exactly as NumPy writes it.
template <class T = double>
Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> read_npy(
    const std::string& path) {
    const MappedFile file(path);
    const NpyHeader header = NpyHeaderParser(file.bytes(), path).header();
    if (header.shape.empty() || header.shape.size() > 2) {
        throw DataError::at_byte(path, 8,
                                 "the array has " + std::to_string(header.shape.size()) +
                                     " dimensions; 1 and 2 are read");
    }
    const Index rows = header.shape.front();
    const Index cols = header.shape.size() == 2 ? header.shape.back() : 1;
    Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> result(rows, cols);
    const auto read = [&](T* to) {
        header.format.decode(
            file.bytes().data() + header.size, static_cast<std::size_t>(header.count()), to,
            [&](std::size_t k, const std::string& sentence) {
                throw DataError::at_byte(
                    path, header.size + static_cast<std::int64_t>(k) * header.format.size,
                    sentence);
            });
    };
    if (header.fortran_order) {
        Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic> columns(rows, cols);
        read(columns.data());
        result = columns;
    } else {
        read(result.data());
    }
    return result;
}

}  // namespace ermine
