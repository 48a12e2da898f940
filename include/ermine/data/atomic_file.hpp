// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <system_error>

#include <ermine/data/data_error.hpp>

#if __has_include(<unistd.h>)
#include <fcntl.h>
#include <unistd.h>
#endif

namespace ermine {

/// A file that appears whole or not at all: what is written goes to a temporary file in the same
/// folder, which takes the name at commit(). Without a commit, as after an exception, the temporary
/// file is removed and what was there before stays.
///
/// What exists and is no regular file (/dev/stdout, a pipe) is written directly. A symbolic link
/// stays, its target is replaced.
class AtomicFile {
public:
    /// Throws DataError if no file can be made there.
    explicit AtomicFile(const std::string& path) : path_(path) {
        std::error_code ignored;
        namespace fs = std::filesystem;
        const fs::file_status status = fs::status(path, ignored);
        if (fs::exists(status) && !fs::is_regular_file(status)) {
            file_.reset(std::fopen(path.c_str(), "wb"));
            if (!file_) {
                fail("cannot be written");
            }
            return;
        }
        const fs::path resolved = fs::weakly_canonical(path, ignored);
        target_ = resolved.empty() ? path : resolved.string();
        std::random_device entropy;
        do {
            temporary_ = target_ + '.' + std::to_string(entropy()) + ".tmp";
            errno = 0;
            file_.reset(std::fopen(temporary_.c_str(), "wbx"));
        } while (!file_ && errno == EEXIST);
        if (!file_) {
            temporary_.clear();
            fail("cannot be written");
        }
    }

    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    ~AtomicFile() {
        file_.reset();
        if (!temporary_.empty()) {
            std::remove(temporary_.c_str());
        }
    }

    /// Throws DataError if the disk is full or fails.
    void write(std::string_view text) {
        if (text.size() >= room - buffer_.size()) {
            flush();
        }
        if (text.size() >= room) {
            put(text);
        } else {
            buffer_ += text;
        }
    }

    /// The shortest decimal number that reads back as the same float or double.
    template <class Number>
    void write_number(Number number) {
        std::array<char, 64> digits;
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
        write({digits.data(), static_cast<std::size_t>(end - digits.data())});
    }

    /// Hands on to the system what was written so far, so that a full disk is noticed before any of
    /// several files takes its name. Throws DataError if it is.
    void flush() {
        put(buffer_);
        buffer_.clear();
        errno = 0;
        if (std::fflush(file_.get()) != 0) {
            fail("cannot be written");
        }
    }

    /// Gives the file its name. Nothing may be written afterwards. Throws DataError if that fails.
    void commit() {
        flush();
        errno = 0;
        if (!temporary_.empty() && !sync_file()) {
            fail("cannot be written");
        }
        if (std::fclose(file_.release()) != 0) {
            fail("cannot be written");
        }
        if (temporary_.empty()) {
            return;
        }
        if (std::rename(temporary_.c_str(), target_.c_str()) != 0) {
            fail("cannot be replaced");
        }
        temporary_.clear();
        sync_folder();
    }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    static constexpr std::size_t room = std::size_t{1} << 18;

    std::string path_;
    std::string target_;
    std::string temporary_;  // empty when there is none to remove
    std::unique_ptr<std::FILE, Close> file_;
    std::string buffer_;

    [[noreturn]] void fail(const std::string& what) const {
        throw DataError(path_, what + ": " + std::strerror(errno));
    }

    /// Before a name points to it, the content must be on the disk: else a loss of power may leave
    /// an empty file under that name.
    bool sync_file() const {
#if __has_include(<unistd.h>)
        return ::fsync(::fileno(file_.get())) == 0 || errno == EINVAL || errno == ENOTSUP;
#else
        return true;
#endif
    }

    /// The name itself; where a folder cannot be asked for that, the system does it in its time.
    void sync_folder() const {
#if __has_include(<unistd.h>)
        const std::string folder = std::filesystem::path(target_).parent_path().string();
        const int place = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY);
        if (place < 0) return;
        ::fsync(place);
        ::close(place);
#endif
    }

    void put(std::string_view text) {
        errno = 0;
        if (std::fwrite(text.data(), 1, text.size(), file_.get()) != text.size()) {
            fail("cannot be written");
        }
    }
};

}  // namespace ermine
