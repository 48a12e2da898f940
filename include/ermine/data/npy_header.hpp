// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <string>
#include <vector>

#include <ermine/data/number_format.hpp>

namespace ermine {

/// What stands before the numbers of a NumPy array file: the NPY format, versions 1.0, 2.0 and 3.0
/// (NumPy Enhancement Proposal 1, 2007; numpy.lib.format).
struct NpyHeader {
    NumberFormat format;
    bool fortran_order = false;       ///< Column by column instead of row by row.
    std::vector<std::int64_t> shape;  ///< Empty for a single number.
    std::int64_t size = 0;            ///< Bytes of the header: where the numbers begin.

    /// Numbers in the array: the product of the shape.
    std::int64_t count() const {
        if (std::find(shape.begin(), shape.end(), 0) != shape.end()) {
            return 0;
        }
        return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
    }

    /// Version 1.0, as NumPy writes it; the numbers then begin at a multiple of 64 bytes.
    std::string text() const {
        std::string dictionary = "{'descr': '" + format.name() +
                                 "', 'fortran_order': " + (fortran_order ? "True" : "False") +
                                 ", 'shape': (";
        for (std::size_t k = 0; k < shape.size(); ++k) {
            dictionary += (k > 0 ? ", " : "") + std::to_string(shape[k]);
        }
        dictionary += shape.size() == 1 ? ",), }" : "), }";
        const std::size_t before = 10;
        const std::size_t whole = (before + dictionary.size() + 1 + 63) / 64 * 64;
        dictionary.append(whole - before - dictionary.size() - 1, ' ') += '\n';
        const std::size_t length = dictionary.size();
        std::string result = "\x93NUMPY";
        result += '\1';
        result += '\0';
        result += static_cast<char>(length & 0xff);
        result += static_cast<char>(length >> 8);
        return result += dictionary;
    }
};

}  // namespace ermine
