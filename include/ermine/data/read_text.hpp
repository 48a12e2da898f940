// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include <ermine/data/byte_reader.hpp>
#include <ermine/data/data_error.hpp>
#include <ermine/data/text.hpp>

namespace ermine {

/// Reads a file, plain or gzip, as a text. Throws DataError if it cannot be read, is damaged or has
/// fewer than two characters.
inline Text read_text(const std::string& path) {
    ByteReader reader(path);
    std::string written;
    constexpr std::size_t more = std::size_t{1} << 20;
    for (std::size_t got = more; got == more;) {
        const std::size_t had = written.size();
        written.resize(had + more);
        got = reader.fill(written.data() + had, more);
        written.resize(had + got);
    }
    if (written.size() < 2)
        throw DataError(
            path, "has " + std::to_string(written.size()) + " characters: none follows another");
    return as_text(written);
}

}  // namespace ermine
