// SPDX-License-Identifier: MIT
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ermine/data/data_error.hpp>

namespace ermine {

/// The lines of a text file, one after the other, in constant memory (1 MB, or the longest line).
///
/// Files that begin with the two bytes of gzip are unpacked on the way, whatever their name; a
/// gzip file may have several members, as `cat a.gz b.gz` makes them. A line ends with LF or
/// CR LF, the last one may do without. A UTF-8 byte order mark is skipped.
class LineReader {
public:
    /// Throws DataError if the file cannot be opened or read.
    explicit LineReader(std::string path) : path_(std::move(path)), text_(std::size_t{1} << 20) {
        file_.reset(std::fopen(path_.c_str(), "rb"));
        if (!file_) {
            fail("cannot be opened: " + system_message());
        }
        std::setvbuf(file_.get(), nullptr, _IONBF, 0);
        packed_.resize(std::size_t{1} << 18);
        refill_packed();
        if (packed_size_ >= 2 && packed_[0] == 0x1f && packed_[1] == 0x8b) {
            inflater_ = std::unique_ptr<z_stream, EndInflate>(new z_stream{});
            if (inflateInit2(inflater_.get(), 15 + 16) != Z_OK) {
                fail("zlib could not be started");
            }
        }
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

    const std::string& path() const { return path_; }

    /// Number of the line that next() gave last, from 1.
    std::int64_t line() const { return line_; }

private:
    struct CloseFile {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };
    struct EndInflate {
        void operator()(z_stream* stream) const {
            inflateEnd(stream);
            delete stream;
        }
    };

    std::string path_;
    std::unique_ptr<std::FILE, CloseFile> file_;
    std::unique_ptr<z_stream, EndInflate> inflater_;
    std::vector<unsigned char>
        packed_;  // bytes as they are in the file: [packed_at_, packed_size_)
    std::size_t packed_at_ = 0;
    std::size_t packed_size_ = 0;
    bool member_ended_ = false;
    std::vector<char> text_;  // [begin_, end_) is not handed out yet; no LF before searched_
    std::size_t begin_ = 0;
    std::size_t searched_ = 0;
    std::size_t end_ = 0;
    bool ended_ = false;
    std::int64_t line_ = 0;

    [[noreturn]] void fail(const std::string& sentence) const {
        throw DataError(path_, line_ > 0 ? line_ + 1 : 0, 0, sentence);
    }

    static std::string system_message() { return std::strerror(errno); }

    std::string_view take(std::size_t end) {
        ++line_;
        if (end > begin_ && text_[end - 1] == '\r') {
            --end;
        }
        return {text_.data() + begin_, end - begin_};
    }

    void refill_packed() {
        errno = 0;
        packed_at_ = 0;
        packed_size_ = std::fread(packed_.data(), 1, packed_.size(), file_.get());
        if (packed_size_ < packed_.size() && std::ferror(file_.get()) != 0) {
            fail("cannot be read: " + system_message());
        }
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
        const std::size_t got = inflater_ ? unpack() : copy();
        end_ += got;
        ended_ = got == 0;
    }

    std::size_t copy() {
        if (packed_at_ == packed_size_) {
            refill_packed();
        }
        const std::size_t size = std::min(packed_size_ - packed_at_, text_.size() - end_);
        std::memcpy(text_.data() + end_, packed_.data() + packed_at_, size);
        packed_at_ += size;
        return size;
    }

    std::size_t unpack() {
        z_stream& z = *inflater_;
        for (;;) {
            if (packed_at_ == packed_size_) {
                refill_packed();
            }
            if (packed_size_ == 0) {
                if (!member_ended_) {
                    fail("the .gz is truncated: its end is missing");
                }
                return 0;
            }
            if (member_ended_) {
                if (inflateReset(&z) != Z_OK) {
                    fail("zlib could not be started");
                }
                member_ended_ = false;
            }
            const std::size_t room = std::min(text_.size() - end_, std::size_t{1} << 30);
            z.next_in = packed_.data() + packed_at_;
            z.avail_in = static_cast<uInt>(packed_size_ - packed_at_);
            z.next_out = reinterpret_cast<Bytef*>(text_.data() + end_);
            z.avail_out = static_cast<uInt>(room);
            const int status = inflate(&z, Z_NO_FLUSH);
            packed_at_ = packed_size_ - z.avail_in;
            if (status == Z_STREAM_END) {
                member_ended_ = true;
            } else if (status != Z_OK && status != Z_BUF_ERROR) {
                fail(std::string("the .gz is corrupt: ") +
                     (z.msg != nullptr ? z.msg : "zlib gives no reason"));
            }
            if (const std::size_t got = room - z.avail_out; got > 0) {
                return got;
            }
        }
    }
};

}  // namespace ermine
