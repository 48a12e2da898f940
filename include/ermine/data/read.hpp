// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <variant>

#include <ermine/data/read_csv.hpp>
#include <ermine/data/read_libsvm.hpp>

namespace ermine {

/// The text formats that are told apart by content.
enum class FileFormat { libsvm, csv };

/// The format of a file, plain or gzip, by its first line that is not empty or a comment (#), or,
/// if that is one number alone, by the next: LIBSVM if some word behind the first is of the form
/// `7:…` or `qid:…` and the line has none of `, ; |`; CSV if it has a separator; LIBSVM otherwise.
/// Throws DataError if the file cannot be read or has no such line.
inline FileFormat detect_format(const std::string& path) {
    LineReader reader(path);
    std::string_view line;
    bool any = false;
    while (reader.next(line)) {
        line = line.substr(0, line.find('#'));
        constexpr std::string_view blanks = " \t";
        const std::size_t first = line.find_first_not_of(blanks);
        if (first == std::string_view::npos) {
            continue;
        }
        any = true;
        const bool separated = line.find_first_of(",;|") != std::string_view::npos;
        bool has_pair = false;
        std::size_t at = line.find_first_of(blanks, first);
        const bool one_word = line.find_first_not_of(blanks, at) == std::string_view::npos;
        while ((at = line.find_first_not_of(blanks, at)) != std::string_view::npos) {
            const std::size_t end = std::min(line.find_first_of(blanks, at), line.size());
            const std::string_view word = line.substr(at, end - at);
            const std::size_t digits = std::min(word.find_first_not_of("0123456789"), word.size());
            has_pair = has_pair || word.starts_with("qid:") ||
                       (digits > 0 && word.substr(digits).starts_with(':'));
            at = end;
        }
        if (has_pair && !separated) {
            return FileFormat::libsvm;
        }
        if (separated || line.find('\t') != std::string_view::npos) {
            return FileFormat::csv;
        }
        if (!one_word || line.find(':') != std::string_view::npos) {
            return FileFormat::libsvm;
        }
    }
    if (!any) {
        throw DataError(path, "the file has no examples");
    }
    return FileFormat::libsvm;
}

/// What read gives: the sparse rows of a LIBSVM file or the table of a CSV file.
template <class T = double>
using AnyData = std::variant<Dataset<SparseRows<T>>, CsvTable<T>>;

/// Reads a LIBSVM or CSV file, whichever detect_format finds, by the rules given for it.
template <class T = double>
AnyData<T> read(const std::string& path, const LibsvmFormat& libsvm = {},
                const CsvFormat& csv = {}) {
    if (detect_format(path) == FileFormat::libsvm) {
        return read_libsvm<T>(path, libsvm);
    }
    return read_csv<T>(path, csv);
}

}  // namespace ermine
