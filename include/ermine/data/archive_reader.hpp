// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/data/archive.hpp>
#include <ermine/data/archive_writer.hpp>
#include <ermine/data/crc32.hpp>
#include <ermine/data/data_error.hpp>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace ermine {

/// Reads what ArchiveWriter has written, after it made sure that no bit of it has changed.
class ArchiveReader {
public:
    static constexpr bool reads = true;

    /// Empty where there is no such file. Throws DataError for one that cannot be read, is no
    /// checkpoint, of another format, truncated or damaged.
    static std::optional<ArchiveReader> open(const std::string& path) {
        errno = 0;
        const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
        if (!file && errno == ENOENT) return std::nullopt;
        if (!file) throw DataError(path, std::string("cannot be opened: ") + std::strerror(errno));
        ArchiveReader reader(path);
        std::array<char, 65536> some;
        while (const std::size_t got = std::fread(some.data(), 1, some.size(), file.get()))
            reader.content_.append(some.data(), got);
        if (std::ferror(file.get()) != 0)
            throw DataError(path, std::string("cannot be read: ") + std::strerror(errno));
        reader.check();
        return reader;
    }

    /// Whether a checkpoint may be written there: no file, an empty one, or one that begins as a
    /// checkpoint does, whole or damaged.
    static bool may_replace(const std::string& path) {
        const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rb"));
        if (!file) return true;
        std::array<char, ArchiveHeading::mark.size()> first;
        const std::size_t got = std::fread(first.data(), 1, first.size(), file.get());
        return ArchiveHeading::mark.starts_with(std::string_view(first.data(), got));
    }

    void bytes(void* p, std::size_t n) {
        if (n > left()) misfit("it has fewer numbers");
        if (n > 0) std::memcpy(p, content_.data() + at_, n);
        at_ += n;
    }

    std::int64_t length(std::int64_t) {
        std::int64_t n = 0;
        bytes(&n, sizeof n);
        if (n < 0 || static_cast<std::uint64_t>(n) > left())
            misfit("a length in it makes no sense");
        return n;
    }

    /// Sizes are those that the run has made; what it has not made yet takes the file's.
    void accept(auto& matrix, std::int64_t rows, std::int64_t columns) {
        if (matrix.rows() == rows && matrix.cols() == columns) return;
        if constexpr (std::remove_cvref_t<decltype(matrix)>::SizeAtCompileTime == -1) {
            if (matrix.size() == 0) {
                matrix.resize(rows, columns);
                return;
            }
        }
        misfit("it keeps " + std::to_string(rows) + " x " + std::to_string(columns) +
               " numbers where the run has " + std::to_string(matrix.rows()) + " x " +
               std::to_string(matrix.cols()));
    }

    /// Throws DataError unless everything was read.
    void finish() const {
        if (left() != 0) misfit("it has more numbers");
    }

    [[noreturn]] void refuse(std::string_view sentence) const { throw DataError(path_, sentence); }

private:
    struct Close {
        void operator()(std::FILE* file) const { std::fclose(file); }
    };

    explicit ArchiveReader(std::string path) : path_(std::move(path)) {}

    std::string path_;
    std::string content_;
    std::size_t at_ = ArchiveHeading::size;

    std::size_t left() const { return content_.size() - ArchiveHeading::checksum - at_; }

    [[noreturn]] void misfit(const std::string& what) const {
        refuse("the checkpoint does not fit this run: " + what +
               "; give the options it was begun with, of which only rates, limits and batch sizes "
               "may change");
    }

    template <class Number>
    Number number(std::size_t at) const {
        Number n{};
        std::memcpy(&n, content_.data() + at, sizeof n);
        return n;
    }

    void check() const {
        using H = ArchiveHeading;
        const std::string_view all = content_;
        if (!all.starts_with(H::mark.substr(0, all.size())) || all.empty())
            refuse("is no checkpoint of ermine");
        if (all.size() < H::size + H::checksum)
            refuse("the checkpoint is truncated: it has " + std::to_string(all.size()) + " bytes");
        if (number<std::uint32_t>(8) != H::order)
            refuse(
                "the checkpoint was written on a machine with another order of bytes, or is "
                "damaged");
        if (const auto format = number<std::uint32_t>(12); format != H::format)
            refuse("the checkpoint has format " + std::to_string(format) +
                   ", and this version of ermine reads format " + std::to_string(H::format));
        if (const auto length = number<std::uint64_t>(16); length != all.size())
            refuse("the checkpoint is " +
                   std::string(length > all.size() ? "truncated" : "damaged") + ": it has " +
                   std::to_string(all.size()) + " bytes, and should have " +
                   std::to_string(length));
        const std::size_t end = all.size() - H::checksum;
        if (number<std::uint32_t>(end) != Crc32::of(all.substr(0, end)))
            refuse("the checkpoint is damaged: its checksum does not fit its content");
    }
};

}  // namespace ermine
