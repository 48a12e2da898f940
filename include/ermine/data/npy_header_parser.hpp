// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include <ermine/data/data_error.hpp>
#include <ermine/data/npy_header.hpp>
#include <ermine/data/number_format.hpp>

namespace ermine {

/// Reads the header of a NumPy array file: `NpyHeaderParser(bytes, path).header()`, with all the
/// bytes of the file. Throws DataError with the byte for what is no NPY file; for element types
/// that are no numbers of 1 to 8 bytes, such as objects, records and complex numbers; and unless
/// the file ends where the shape says.
class NpyHeaderParser {
public:
    NpyHeaderParser(std::string_view bytes, const std::string& path) : bytes_(bytes), path_(path) {}

    NpyHeader header() {
        constexpr std::string_view magic = "\x93NUMPY";
        if (!bytes_.starts_with(magic)) {
            fail(0, "this is no NumPy array file: it must begin with \\x93NUMPY");
        }
        const int major = byte(6);
        const int minor = byte(7);
        if (major < 1 || major > 3 || minor != 0) {
            fail(6, "the version " + std::to_string(major) + '.' + std::to_string(minor) +
                        " of the format is not known; 1.0, 2.0 and 3.0 are");
        }
        const std::size_t width = major == 1 ? 2 : 4;
        std::size_t length = 0;
        for (std::size_t k = width; k-- > 0;) {
            length = length << 8 | byte(8 + k);
        }
        at_ = 8 + width;
        if (length > bytes_.size() - at_) {
            fail(8, "the header has " + std::to_string(length) +
                        " bytes by its own account, but the file ends before");
        }
        end_ = at_ + length;
        dictionary();
        return checked();
    }

private:
    std::string_view bytes_;
    const std::string& path_;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
    NpyHeader header_;

    [[noreturn]] void fail(std::size_t byte, const std::string& sentence) const {
        throw DataError::at_byte(path_, static_cast<std::int64_t>(byte), sentence);
    }

    unsigned char byte(std::size_t k) const {
        if (k >= bytes_.size()) {
            fail(bytes_.size(), "the NumPy file is truncated in its header");
        }
        return static_cast<unsigned char>(bytes_[k]);
    }

    std::string_view rest() const { return bytes_.substr(at_, end_ - at_); }

    void skip_blanks() {
        while (at_ < end_ && bytes_[at_] == ' ') {
            ++at_;
        }
    }

    bool accept(std::string_view token) {
        skip_blanks();
        const bool found = rest().starts_with(token);
        at_ += found ? token.size() : 0;
        return found;
    }

    void expect(std::string_view token) {
        if (!accept(token)) {
            fail(at_, "the header is damaged: here should be " + std::string(token));
        }
    }

    // A Python text without escapes.
    std::string_view quoted() {
        const char quote = accept("'") ? '\'' : accept("\"") ? '"' : '\0';
        const std::size_t length = quote == '\0' ? std::string_view::npos : rest().find(quote);
        if (length == std::string_view::npos) {
            fail(at_, "the header is damaged: here should be a text in quotes");
        }
        const std::string_view text = rest().substr(0, length);
        at_ += length + 1;
        return text;
    }

    void dictionary() {
        bool descr = false;
        bool order = false;
        bool shape = false;
        const auto once = [&](bool& seen, std::size_t place) {
            if (seen) {
                fail(place, "the header is damaged: the key is there twice");
            }
            seen = true;
        };
        expect("{");
        while (!accept("}")) {
            skip_blanks();
            const std::size_t place = at_;
            const std::string_view key = quoted();
            expect(":");
            if (key == "descr") {
                once(descr, place);
                element_type();
            } else if (key == "fortran_order") {
                once(order, place);
                header_.fortran_order = accept("True");
                if (!header_.fortran_order) {
                    expect("False");
                }
            } else if (key == "shape") {
                once(shape, place);
                sizes();
            } else {
                fail(place,
                     "the header is damaged: it has descr, fortran_order and shape, and "
                     "no other key");
            }
            if (!accept(",")) {
                expect("}");
                break;
            }
        }
        if (!descr || !order || !shape) {
            fail(at_, "the header is damaged: it needs descr, fortran_order and shape");
        }
        skip_blanks();
        if (rest() != "\n") {
            fail(at_, "the header is damaged: behind } there are blanks and one line end");
        }
    }

    void element_type() {
        skip_blanks();
        const std::size_t place = at_;
        if (rest().starts_with("[")) {
            fail(place, "the array holds records; only arrays of plain numbers are read");
        }
        const std::string_view name = quoted();
        if (!NumberFormat::parse(name, header_.format)) {
            std::string shown;
            for (const char c : name.substr(0, 20)) {
                shown += c >= ' ' && c <= '~' ? c : '?';
            }
            fail(place, "elements of type '" + shown +
                            "' are not read; b1, i1 to i8, u1 to u8, f4 and f8 are");
        }
    }

    void sizes() {
        expect("(");
        while (!accept(")")) {
            skip_blanks();
            const std::size_t place = at_;
            const bool negative = accept("-");
            std::int64_t number = 0;
            const std::size_t first = at_;
            constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
            for (; at_ < end_ && bytes_[at_] >= '0' && bytes_[at_] <= '9'; ++at_) {
                const int digit = bytes_[at_] - '0';
                if (number > (most - digit) / 10) {
                    fail(place, "the shape has a number beyond 2^63");
                }
                number = 10 * number + digit;
            }
            if (at_ == first) {
                fail(place, "the header is damaged: here should be a size");
            }
            if (negative) {
                fail(place, "the shape has a negative size, -" + std::to_string(number));
            }
            header_.shape.push_back(number);
            if (!accept(",")) {
                if (header_.shape.size() == 1) {
                    fail(at_, "the header is damaged: a shape of one size is written (3,)");
                }
                expect(")");
                break;
            }
        }
    }

    NpyHeader checked() {
        const auto left = static_cast<std::int64_t>(bytes_.size() - end_);
        std::int64_t needed = header_.format.size;
        bool empty = false;
        for (const std::int64_t n : header_.shape) {
            empty = empty || n == 0;
        }
        for (const std::int64_t n : header_.shape) {
            if (!empty && n > std::numeric_limits<std::int64_t>::max() / needed) {
                fail(end_, "the shape announces more numbers than any file can hold");
            }
            needed = empty ? 0 : needed * n;
        }
        if (left != needed) {
            fail(left < needed ? bytes_.size() : end_ + static_cast<std::size_t>(needed),
                 std::string(left < needed ? "the file is truncated" : "the file is too long") +
                     ": " + std::to_string(needed) + " bytes of numbers are announced, " +
                     std::to_string(left) + " are there");
        }
        header_.size = static_cast<std::int64_t>(end_);
        return header_;
    }
};

}  // namespace ermine
