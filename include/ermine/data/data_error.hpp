// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace ermine {

/// A file that cannot be read, written or understood. `what()` is "file:line:column: sentence",
/// without the parts that do not apply, or "file: byte 16: sentence" for binary files.
struct DataError : std::runtime_error {
    std::string file;
    std::int64_t line;    ///< From 1; 0 where the file as a whole is meant, or a byte.
    std::int64_t column;  ///< Position in the line, from 1, in bytes; 0 where none is meant.
    std::int64_t byte =
        -1;  ///< Position in a binary file, unpacked, from 0; -1 where none is meant.

    DataError(std::string file_name, std::int64_t line_number, std::int64_t column_number,
              std::string_view sentence)
        : std::runtime_error(message(file_name, line_number, column_number, sentence)),
          file(std::move(file_name)),
          line(line_number),
          column(column_number) {}

    /// A trouble of the whole file.
    DataError(std::string file_name, std::string_view sentence)
        : DataError(std::move(file_name), 0, 0, sentence) {}

    /// A trouble at a byte of a binary file.
    static DataError at_byte(std::string file_name, std::int64_t offset,
                             std::string_view sentence) {
        DataError error(std::move(file_name),
                        ("byte " + std::to_string(offset) + ": ").append(sentence));
        error.byte = offset;
        return error;
    }

private:
    static std::string message(const std::string& file, std::int64_t line, std::int64_t column,
                               std::string_view sentence) {
        std::string text = file + ':';
        if (line > 0) {
            text += std::to_string(line) + ':';
            if (column > 0) {
                text += std::to_string(column) + ':';
            }
        }
        return (text += ' ') += sentence;
    }
};

}  // namespace ermine
