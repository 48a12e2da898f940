// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/data/archive.hpp>
#include <ermine/data/atomic_file.hpp>
#include <ermine/data/crc32.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ermine {

/// The first bytes of a checkpoint: a mark that no text begins with and that a transfer as text
/// would spoil, what a number looks like on this machine, the format's version, and the length.
struct ArchiveHeading {
    static constexpr std::string_view mark{
        "\x89"
        "ermine\n",
        8};
    static constexpr std::uint32_t order = 0x01020304;
    static constexpr std::uint32_t format = 1;
    static constexpr std::size_t size = 8 + 4 + 4 + 8;
    static constexpr std::size_t checksum = 4;  ///< CRC-32 of all bytes before, the last of all
};

/// Writes values to a file, bytes as they are in memory, between a heading and a checksum; the file
/// appears whole or not at all.
class ArchiveWriter {
public:
    static constexpr bool reads = false;

    /// Writes `values(archive)`, which is called twice: the length is wanted first.
    /// Throws DataError if the file cannot be written; what was there before stays.
    static void write(const std::string& path, auto&& values) {
        ArchiveWriter counter(nullptr);
        values(counter);
        AtomicFile file(path);
        ArchiveWriter writer(&file);
        writer.text(ArchiveHeading::mark);
        writer.number(ArchiveHeading::order);
        writer.number(ArchiveHeading::format);
        writer.number(
            std::uint64_t{counter.size_ + ArchiveHeading::size + ArchiveHeading::checksum});
        values(writer);
        writer.number(writer.crc_.value());
        file.commit();
    }

    void bytes(const void* p, std::size_t n) {
        size_ += n;
        if (file_ != nullptr && n > 0) text({static_cast<const char*>(p), n});
    }

    std::int64_t length(std::int64_t n) {
        bytes(&n, sizeof n);
        return n;
    }

private:
    explicit ArchiveWriter(AtomicFile* file) : file_(file) {}

    void text(std::string_view some) {
        crc_.add(some);
        file_->write(some);
    }

    template <class Number>
    void number(Number n) {
        text({reinterpret_cast<const char*>(&n), sizeof n});
    }

    AtomicFile* file_;
    Crc32 crc_;
    std::size_t size_ = 0;
};

}  // namespace ermine
