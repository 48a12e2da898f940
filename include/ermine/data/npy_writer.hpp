// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ermine/data/atomic_file.hpp>
#include <ermine/data/crc32.hpp>
#include <ermine/data/npy_header.hpp>
#include <ermine/data/number_format.hpp>

namespace ermine {

/// A NumPy array file of numbers T that is written piece by piece, and appears whole or not at all
/// (AtomicFile).
template <class T>
class NpyWriter {
public:
    /// Of the given shape, row by row or, in Fortran order, column by column. Throws DataError if
    /// no file can be made there.
    NpyWriter(const std::string& path, std::vector<std::int64_t> shape, bool fortran_order = false)
        : file_(path) {
        const NpyHeader header{NumberFormat::of<T>(), fortran_order, std::move(shape)};
        left_ = header.count();
        put(header.text());
    }

    /// The next numbers. Throws DataError if the disk is full or fails, std::logic_error for more
    /// numbers than the shape has.
    void write(std::span<const T> numbers) {
        left_ -= static_cast<std::int64_t>(numbers.size());
        if (left_ < 0) {
            throw std::logic_error("NpyWriter: more numbers than the shape has");
        }
        put({reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()});
    }

    /// As AtomicFile does.
    void flush() { file_.flush(); }

    /// Gives the file its name. Throws DataError if that fails, std::logic_error for fewer numbers
    /// than the shape has.
    void commit() {
        if (left_ != 0) {
            throw std::logic_error("NpyWriter: fewer numbers than the shape has");
        }
        file_.commit();
    }

    /// Bytes so far, and their checksum.
    std::int64_t size() const { return size_; }
    std::uint32_t crc32() const { return crc_.value(); }

private:
    AtomicFile file_;
    Crc32 crc_;
    std::int64_t size_ = 0;
    std::int64_t left_ = 0;

    void put(std::string_view bytes) {
        file_.write(bytes);
        crc_.add(bytes);
        size_ += static_cast<std::int64_t>(bytes.size());
    }
};

}  // namespace ermine
