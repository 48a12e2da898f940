// SPDX-License-Identifier: MIT
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <ermine/data/data_error.hpp>

namespace ermine {

/// A whole file as memory that can only be read: the system brings pages in when they are looked
/// at, and may drop them again (POSIX mmap). The file may be replaced by another of the same name
/// meanwhile, as AtomicFile does; whoever shortens it in place ends this program.
class MappedFile {
public:
    /// Throws DataError if it cannot be opened or is no regular file.
    explicit MappedFile(std::string path) : path_(std::move(path)) {
        const int descriptor = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (descriptor < 0) {
            throw DataError(path_, std::string("cannot be opened: ") + std::strerror(errno));
        }
        std::string trouble;
        struct stat status{};
        if (::fstat(descriptor, &status) != 0) {
            trouble = std::string("cannot be read: ") + std::strerror(errno);
        } else if (!S_ISREG(status.st_mode)) {
            trouble = "is no regular file, so that it cannot be mapped";
        } else if (std::cmp_greater(status.st_size, std::numeric_limits<std::ptrdiff_t>::max())) {
            trouble = "is too large to be mapped";
        } else if (status.st_size > 0) {
            const auto size = static_cast<std::size_t>(status.st_size);
            void* const at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
            if (at == MAP_FAILED) {
                trouble = std::string("cannot be mapped: ") + std::strerror(errno);
            } else {
                bytes_ = {static_cast<const char*>(at), size};
            }
        }
        ::close(descriptor);
        if (!trouble.empty()) {
            throw DataError(path_, trouble);
        }
    }

    MappedFile(MappedFile&& other) noexcept
        : path_(std::move(other.path_)), bytes_(std::exchange(other.bytes_, {})) {}
    MappedFile& operator=(MappedFile&& other) noexcept {
        std::swap(path_, other.path_);
        std::swap(bytes_, other.bytes_);
        return *this;
    }

    ~MappedFile() {
        if (!bytes_.empty()) {
            ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
        }
    }

    const std::string& path() const { return path_; }
    std::string_view bytes() const { return bytes_; }

private:
    std::string path_;
    std::string_view bytes_;
};

}  // namespace ermine
