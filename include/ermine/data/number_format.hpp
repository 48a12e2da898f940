// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace ermine {

/// How a binary file stores a number: what it is, in how many bytes, in which order.
struct NumberFormat {
    char kind = 'f';                          ///< 'b' truth values, 'i' and 'u' integers, 'f' reals
    int size = 8;                             ///< Bytes: 1, 2, 4 or 8; reals have 4 or 8.
    std::endian order = std::endian::native;  ///< Of numbers of more than one byte.

    bool operator==(const NumberFormat&) const = default;

    /// The format of T in this machine's memory.
    template <class T>
    static constexpr NumberFormat of() {
        static_assert(std::is_arithmetic_v<T> && sizeof(T) <= 8);
        return {std::same_as<T, bool>    ? 'b'
                : std::floating_point<T> ? 'f'
                : std::is_signed_v<T>    ? 'i'
                                         : 'u',
                static_cast<int>(sizeof(T))};
    }

    /// As NumPy spells it: "<f8", ">i4", "|u1".
    std::string name() const {
        const char sign = size == 1 ? '|' : order == std::endian::little ? '<' : '>';
        return std::string{sign, kind} + std::to_string(size);
    }

    /// Reads such a name into `format`; false if it is another. '=' is this machine's order.
    static bool parse(std::string_view name, NumberFormat& format) {
        if (name.size() != 3) {
            return false;
        }
        const char kind = name[1];
        const int size = name[2] - '0';
        const bool integer =
            (kind == 'i' || kind == 'u') && (size == 1 || size == 2 || size == 4 || size == 8);
        const bool real = kind == 'f' && (size == 4 || size == 8);
        const bool known = integer || real || (kind == 'b' && size == 1);
        const bool ordered = name[0] == '<' || name[0] == '>' || name[0] == '=';
        if (!known || !(ordered || (name[0] == '|' && size == 1))) {
            return false;
        }
        const bool native = size == 1 || name[0] == '=';
        format = {kind, size,
                  native           ? std::endian::native
                  : name[0] == '<' ? std::endian::little
                                   : std::endian::big};
        return true;
    }

    /// Turns `count` numbers of this format into T. A real T takes the nearest number; an integer T
    /// takes integers that it can hold. Where a number does not fit, `refuse(k, sentence)` is
    /// called with its place, and must throw.
    template <class T, class Refuse>
    void decode(const char* from, std::size_t count, T* to, Refuse refuse) const {
        if (kind == 'b') {
            const char* const odd = std::find_if(
                from, from + count, [](char byte) { return byte != '\0' && byte != '\1'; });
            if (odd != from + count) {
                refuse(static_cast<std::size_t>(odd - from), "a truth value is 0 or 1");
            }
            return decode_as<std::uint8_t>(from, count, to, refuse);
        }
        if (kind == 'f') {
            if (size == 4) return decode_as<float>(from, count, to, refuse);
            return decode_as<double>(from, count, to, refuse);
        }
        const bool with_sign = kind == 'i';
        switch (size) {
            case 1:
                return with_sign ? decode_as<std::int8_t>(from, count, to, refuse)
                                 : decode_as<std::uint8_t>(from, count, to, refuse);
            case 2:
                return with_sign ? decode_as<std::int16_t>(from, count, to, refuse)
                                 : decode_as<std::uint16_t>(from, count, to, refuse);
            case 4:
                return with_sign ? decode_as<std::int32_t>(from, count, to, refuse)
                                 : decode_as<std::uint32_t>(from, count, to, refuse);
            default:
                return with_sign ? decode_as<std::int64_t>(from, count, to, refuse)
                                 : decode_as<std::uint64_t>(from, count, to, refuse);
        }
    }

private:
    template <class From, class T, class Refuse>
    void decode_as(const char* from, std::size_t count, T* to, Refuse refuse) const {
        const bool turned = order != std::endian::native;
        for (std::size_t k = 0; k < count; ++k, from += sizeof(From)) {
            std::array<char, sizeof(From)> bytes;
            std::memcpy(bytes.data(), from, sizeof(From));
            if (turned) {
                std::reverse(bytes.begin(), bytes.end());
            }
            const From number = std::bit_cast<From>(bytes);
            if constexpr (std::floating_point<T>) {
                if constexpr (std::floating_point<From> && sizeof(From) > sizeof(T)) {
                    if (std::isfinite(number) && std::abs(number) > std::numeric_limits<T>::max()) {
                        refuse(k, std::to_string(number) + " is too large for a float");
                    }
                }
                to[k] = static_cast<T>(number);
            } else if constexpr (std::floating_point<From>) {
                refuse(k, "real numbers are not read as integers");
            } else {
                if (!std::in_range<T>(number)) {
                    refuse(k, std::to_string(number) + " does not fit into " +
                                  std::to_string(8 * sizeof(T)) + " bits");
                }
                to[k] = static_cast<T>(number);
            }
        }
    }
};

}  // namespace ermine
