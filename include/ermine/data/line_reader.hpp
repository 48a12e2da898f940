// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ermine/data/byte_reader.hpp>
#include <ermine/data/data_error.hpp>

namespace ermine {

/// The lines of a text file, one after the other, in constant memory (1 MB, or the longest line).
///
/// Plain or gzip, whatever the name (see ByteReader). A line ends with LF or CR LF, the last one
/// may do without. A UTF-8 byte order mark is skipped.
class LineReader {
public:
    /// Throws DataError if the file cannot be opened or read.
    explicit LineReader(std::string path) : bytes_(std::move(path)), text_(std::size_t{1} << 20) {
        fill();
        if (std::string_view(text_.data(), end_).starts_with("\xEF\xBB\xBF")) {
            begin_ = searched_ = 3;
        }
    }

    LineReader(LineReader&&) = default;
    LineReader& operator=(LineReader&&) = default;

    /// Sets `line` to the next line, without its end; false after the last. The text is valid until
    /// the next call. Throws DataError if the file cannot be read, or is a damaged .gz.
    bool next(std::string_view& line) {
        for (;;) {
            const void* found =
                searched_ < end_ ? std::memchr(&text_[searched_], '\n', end_ - searched_) : nullptr;
            if (found != nullptr) {
                const auto at =
                    static_cast<std::size_t>(static_cast<const char*>(found) - text_.data());
                line = take(at);
                begin_ = searched_ = at + 1;
                return true;
            }
            searched_ = end_;
            if (ended_) {
                if (begin_ == end_) {
                    return false;
                }
                line = take(end_);
                begin_ = end_;
                return true;
            }
            fill();
        }
    }

    const std::string& path() const { return bytes_.path(); }

    /// Number of the line that next() gave last, from 1.
    std::int64_t line() const { return line_; }

private:
    ByteReader bytes_;
    std::vector<char> text_;  // [begin_, end_) is not handed out yet; no LF before searched_
    std::size_t begin_ = 0;
    std::size_t searched_ = 0;
    std::size_t end_ = 0;
    bool ended_ = false;
    std::int64_t line_ = 0;

    std::string_view take(std::size_t end) {
        ++line_;
        if (end > begin_ && text_[end - 1] == '\r') {
            --end;
        }
        return {text_.data() + begin_, end - begin_};
    }

    // Moves what is left to the front and reads on behind it, doubling the room for a long line.
    void fill() {
        if (begin_ > 0) {
            std::memmove(text_.data(), text_.data() + begin_, end_ - begin_);
            searched_ -= begin_;
            end_ -= begin_;
            begin_ = 0;
        }
        if (end_ == text_.size()) {
            text_.resize(2 * text_.size());
        }
        std::string trouble;
        const std::size_t got = bytes_.read(text_.data() + end_, text_.size() - end_, trouble);
        if (!trouble.empty()) {
            throw DataError(path(), line_ > 0 ? line_ + 1 : 0, 0, trouble);
        }
        end_ += got;
        ended_ = got == 0;
    }
};

}  // namespace ermine
