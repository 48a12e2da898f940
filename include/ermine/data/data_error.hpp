// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace ermine {

/// A file that cannot be read, written or understood. `what()` is "file:line:column: sentence",
/// without the parts that do not apply.
struct DataError : std::runtime_error {
    std::string file;
    std::int64_t line;    ///< From 1; 0 where the file as a whole is meant.
    std::int64_t column;  ///< Position in the line, from 1, in bytes; 0 where none is meant.

    DataError(std::string file_name, std::int64_t line_number, std::int64_t column_number,
              std::string_view sentence)
        : std::runtime_error(message(file_name, line_number, column_number, sentence)),
          file(std::move(file_name)),
          line(line_number),
          column(column_number) {}

    /// A trouble of the whole file.
    DataError(std::string file_name, std::string_view sentence)
        : DataError(std::move(file_name), 0, 0, sentence) {}

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
