// SPDX-License-Identifier: MIT
#pragma once

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <ermine/data/data_error.hpp>

namespace ermine {

/// The bytes of a file from the first to the last, in constant memory.
///
/// Files that begin with the two bytes of gzip are unpacked on the way, whatever their name; a
/// gzip file may have several members, as `cat a.gz b.gz` makes them.
class ByteReader {
public:
    /// Throws DataError if the file cannot be opened or read.
    explicit ByteReader(std::string path) : path_(std::move(path)) {
        file_.reset(std::fopen(path_.c_str(), "rb"));
        if (!file_) {
            throw DataError(path_, "cannot be opened: " + system_message());
        }
        std::setvbuf(file_.get(), nullptr, _IONBF, 0);
        packed_.resize(std::size_t{1} << 18);
        std::string trouble;
        refill_packed(trouble);
        if (trouble.empty() && packed_size_ >= 2 && packed_[0] == 0x1f && packed_[1] == 0x8b) {
            inflater_ = std::unique_ptr<z_stream, EndInflate>(new z_stream{});
            if (inflateInit2(inflater_.get(), 15 + 16) != Z_OK) {
                trouble = "zlib could not be started";
            }
        }
        if (!trouble.empty()) {
            throw DataError(path_, trouble);
        }
    }

    ByteReader(ByteReader&&) = default;
    ByteReader& operator=(ByteReader&&) = default;

    /// Puts the next bytes at `to`, at most `room` of them; 0 only at the end of the file. What is
    /// wrong with the file, if anything, becomes a sentence in `trouble`: the caller knows what
    /// the place is called, a line or a byte.
    std::size_t read(char* to, std::size_t room, std::string& trouble) {
        const std::size_t got = inflater_ ? unpack(to, room, trouble) : copy(to, room, trouble);
        position_ += static_cast<std::int64_t>(got);
        return got;
    }

    /// As many bytes as there are, up to `size`. Throws DataError with the byte's position.
    std::size_t fill(char* to, std::size_t size) {
        std::string trouble;
        std::size_t got = 0;
        while (got < size) {
            const std::size_t more = read(to + got, size - got, trouble);
            if (!trouble.empty()) {
                throw DataError::at_byte(path_, position_, trouble);
            }
            if (more == 0) {
                break;
            }
            got += more;
        }
        return got;
    }

    const std::string& path() const { return path_; }

    /// How many bytes were handed out, unpacked.
    std::int64_t position() const { return position_; }

    /// The file has at most so many bytes, unpacked (deflate packs at most 1032 : 1): what a header
    /// announces beyond that is wrong, before memory is taken for it. 2^63 - 1 for pipes.
    std::int64_t at_most() const {
        std::error_code error;
        const std::uintmax_t size = std::filesystem::file_size(path_, error);
        constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
        if (error || size > static_cast<std::uintmax_t>(most / 1032)) {
            return most;
        }
        return static_cast<std::int64_t>(size) * (inflater_ ? 1032 : 1);
    }

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
    std::int64_t position_ = 0;

    static std::string system_message() { return std::strerror(errno); }

    void refill_packed(std::string& trouble) {
        errno = 0;
        packed_at_ = 0;
        packed_size_ = std::fread(packed_.data(), 1, packed_.size(), file_.get());
        if (packed_size_ < packed_.size() && std::ferror(file_.get()) != 0) {
            trouble = "cannot be read: " + system_message();
        }
    }

    std::size_t copy(char* to, std::size_t room, std::string& trouble) {
        if (packed_at_ == packed_size_) {
            refill_packed(trouble);
        }
        const std::size_t size = std::min(packed_size_ - packed_at_, room);
        std::memcpy(to, packed_.data() + packed_at_, size);
        packed_at_ += size;
        return size;
    }

    std::size_t unpack(char* to, std::size_t room, std::string& trouble) {
        z_stream& z = *inflater_;
        room = std::min(room, std::size_t{1} << 30);
        while (trouble.empty()) {
            if (packed_at_ == packed_size_) {
                refill_packed(trouble);
            }
            if (packed_size_ == 0) {
                if (trouble.empty() && !member_ended_) {
                    trouble = "the .gz is truncated: its end is missing";
                }
                break;
            }
            if (member_ended_) {
                if (inflateReset(&z) != Z_OK) {
                    trouble = "zlib could not be started";
                    break;
                }
                member_ended_ = false;
            }
            z.next_in = packed_.data() + packed_at_;
            z.avail_in = static_cast<uInt>(packed_size_ - packed_at_);
            z.next_out = reinterpret_cast<Bytef*>(to);
            z.avail_out = static_cast<uInt>(room);
            const int status = inflate(&z, Z_NO_FLUSH);
            packed_at_ = packed_size_ - z.avail_in;
            if (status == Z_STREAM_END) {
                member_ended_ = true;
            } else if (status != Z_OK && status != Z_BUF_ERROR) {
                trouble = std::string("the .gz is corrupt: ") +
                          (z.msg != nullptr ? z.msg : "zlib gives no reason");
                break;
            }
            if (const std::size_t got = room - z.avail_out; got > 0) {
                return got;
            }
        }
        return 0;
    }
};

}  // namespace ermine
