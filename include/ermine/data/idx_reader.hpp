// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/data/byte_reader.hpp>
#include <ermine/data/data_error.hpp>
#include <ermine/data/number_format.hpp>

namespace ermine {

/// One array of an IDX file, plain or gzip: the format of MNIST (LeCun, Cortes & Burges, "The MNIST
/// database of handwritten digits", 1998). Two bytes 0, the element type, the number of dimensions,
/// each dimension in four bytes, then the numbers row by row, all with the most significant byte
/// first.
class IdxReader {
public:
    /// Reads the header. Throws DataError with the byte if the file cannot be read, is none, or
    /// announces more numbers than it can hold.
    explicit IdxReader(std::string path) : bytes_(std::move(path)) {
        unsigned char magic[4] = {};
        const std::size_t got = fill(magic, 4);
        if (!is_magic(magic, got)) {
            fail(0,
                 "this is no IDX file: it must begin with two bytes 0, an element type (8, 9, "
                 "11 to 14) and a number of dimensions");
        }
        if (got < 4) {
            fail(static_cast<std::int64_t>(got), "the IDX file is truncated in its header");
        }
        format_ = format_of(magic[2]);
        for (int k = 0; k < magic[3]; ++k) {
            unsigned char b[4] = {};
            const std::int64_t at = bytes_.position();
            if (const std::size_t count = fill(b, 4); count < 4) {
                fail(at + static_cast<std::int64_t>(count),
                     "the IDX file is truncated in its header");
            }
            const std::int64_t dimension = std::int64_t{b[0]} << 24 | b[1] << 16 | b[2] << 8 | b[3];
            if (dimension > std::numeric_limits<std::int32_t>::max()) {
                fail(at, "dimension " + std::to_string(k + 1) + " is " + std::to_string(dimension) +
                             "; at most 2147483647 are read");
            }
            dimensions_.push_back(dimension);
        }
        const std::int64_t most = bytes_.at_most() - bytes_.position();
        std::int64_t size = format_.size;
        for (std::size_t k = 0; k < dimensions_.size(); ++k) {
            if (dimensions_[k] > 0 && size > most / dimensions_[k]) {
                fail(static_cast<std::int64_t>(4 + 4 * k),
                     "the dimensions announce more numbers than the file has: it is truncated, or "
                     "dimension " +
                         std::to_string(k + 1) + ", " + std::to_string(dimensions_[k]) +
                         ", is wrong");
            }
            size *= dimensions_[k];
        }
        count_ = size / format_.size;
    }

    /// Whether the file begins as IDX files do. Throws DataError if it cannot be read.
    static bool recognizes(const std::string& path) {
        ByteReader bytes(path);
        char first[4] = {};
        const std::size_t got = bytes.fill(first, 4);
        const unsigned char magic[4] = {
            static_cast<unsigned char>(first[0]), static_cast<unsigned char>(first[1]),
            static_cast<unsigned char>(first[2]), static_cast<unsigned char>(first[3])};
        return got == 4 && is_magic(magic, got);
    }

    const std::string& path() const { return bytes_.path(); }
    const std::vector<std::int64_t>& dimensions() const { return dimensions_; }
    const NumberFormat& format() const { return format_; }

    /// Numbers in the file: the product of the dimensions.
    std::int64_t count() const { return count_; }

    /// All numbers, rounded to T; once. Throws DataError with the byte for a file that is truncated
    /// or longer than announced, a number that is NaN or infinite, or too large for T.
    template <std::floating_point T>
    std::vector<T> numbers() {
        std::vector<T> result;
        try {
            result.resize(static_cast<std::size_t>(count_));
        } catch (const std::bad_alloc&) {
            fail(4, "the header announces " + std::to_string(count_) +
                        " numbers, for which there is no memory");
        }
        const auto width = static_cast<std::size_t>(format_.size);
        std::vector<char> block(std::size_t{1} << 18);
        for (std::size_t done = 0; done < result.size();) {
            const std::int64_t begin = bytes_.position();
            const std::size_t wanted = std::min(block.size(), (result.size() - done) * width);
            const std::size_t got = bytes_.fill(block.data(), wanted);
            if (got < wanted) {
                fail(bytes_.position(), "the IDX file is truncated: the header announces " +
                                            std::to_string(count_) + " numbers, here it ends");
            }
            const std::size_t some = got / width;
            T* const to = result.data() + done;
            const auto refuse = [&](std::size_t k, const std::string& sentence) {
                fail(begin + static_cast<std::int64_t>(k * width), sentence);
            };
            format_.decode(block.data(), some, to, refuse);
            for (std::size_t k = 0; format_.kind == 'f' && k < some; ++k) {
                if (!std::isfinite(to[k])) {
                    refuse(k, "the number is NaN or infinite");
                }
            }
            done += some;
        }
        char more = 0;
        if (const std::int64_t end = bytes_.position(); bytes_.fill(&more, 1) != 0) {
            fail(end, "the IDX file goes on behind the " + std::to_string(count_) +
                          " numbers that the header announces");
        }
        return result;
    }

private:
    ByteReader bytes_;
    NumberFormat format_;
    std::vector<std::int64_t> dimensions_;
    std::int64_t count_ = 0;

    [[noreturn]] void fail(std::int64_t byte, const std::string& sentence) const {
        throw DataError::at_byte(path(), byte, sentence);
    }

    std::size_t fill(unsigned char* to, std::size_t size) {
        return bytes_.fill(reinterpret_cast<char*>(to), size);
    }

    static NumberFormat format_of(unsigned char type) {
        switch (type) {
            case 0x08:
                return {'u', 1, std::endian::native};
            case 0x09:
                return {'i', 1, std::endian::native};
            case 0x0B:
                return {'i', 2, std::endian::big};
            case 0x0C:
                return {'i', 4, std::endian::big};
            case 0x0D:
                return {'f', 4, std::endian::big};
            default:
                return {'f', 8, std::endian::big};
        }
    }

    // As far as there are bytes.
    static bool is_magic(const unsigned char* magic, std::size_t got) {
        const bool type =
            magic[2] == 0x08 || magic[2] == 0x09 || (magic[2] >= 0x0B && magic[2] <= 0x0E);
        return magic[0] == 0 && magic[1] == 0 && (got < 3 || type) && (got < 4 || magic[3] > 0);
    }
};

}  // namespace ermine
