// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>

namespace ermine {

/// The decimal digits that a text begins with, at most 8: how many, and the number they make.
struct LeadingDigits {
    std::uint32_t number = 0;
    int count = 0;

    /// Looks at 8 bytes, all of which must be readable. A byte is no digit when adding 0x46 or
    /// taking 0x30 away sets its top bit; the digits are moved to the end of the word, behind
    /// zeros, and added up in pairs, fours and eights, so that their number costs no branch.
    static LeadingDigits of(const char* text) {
        if constexpr (std::endian::native == std::endian::little) {
            std::uint64_t word = 0;
            std::memcpy(&word, text, sizeof word);
            const std::uint64_t digits = word - 0x3030303030303030;
            const std::uint64_t others =
                ((word + 0x4646464646464646) | digits) & 0x8080808080808080;
            const int count = std::countr_zero(others) / 8;  // 8 where all are digits
            if (count == 0) return {};
            std::uint64_t eight = digits << (64 - 8 * count);
            eight = eight * 10 + (eight >> 8);
            constexpr std::uint64_t every_fourth = 0x000000FF000000FF;
            eight = ((eight & every_fourth) * (100 + (std::uint64_t{1000000} << 32)) +
                     ((eight >> 16) & every_fourth) * (1 + (std::uint64_t{10000} << 32))) >>
                    32;
            return {static_cast<std::uint32_t>(eight), count};
        } else {
            LeadingDigits digits;
            while (digits.count < 8 && text[digits.count] >= '0' && text[digits.count] <= '9')
                digits.number =
                    digits.number * 10 + static_cast<std::uint32_t>(text[digits.count++] - '0');
            return digits;
        }
    }
};

/// Reads a number such as 1, -0.25 or +3. at `text`, of at most 7 digits before the point and 17 in
/// all, and returns where it ends; a null pointer for what is longer, has no digit, or has so many
/// that the result would not be exact. 8 bytes behind its end must be readable.
///
/// With k decimals the number is an integer over 10ᵏ; both are exact in T, so that their quotient
/// is the nearest T (Clinger, "How to read floating point numbers accurately", PLDI 1990).
template <class T>
const char* short_decimal(const char* text, T& value) {
    constexpr std::array<std::uint64_t, 16> powers = [] {
        std::array<std::uint64_t, 16> table{1};
        for (std::size_t k = 1; k < table.size(); ++k) table[k] = 10 * table[k - 1];
        return table;
    }();
    constexpr std::uint64_t largest = std::uint64_t{1} << std::numeric_limits<T>::digits;
    constexpr int exact = std::numeric_limits<T>::digits > 24 ? 15 : 10;  // 10ᵏ up to here
    const bool negative = *text == '-';
    text += negative || *text == '+' ? 1 : 0;
    const LeadingDigits whole = LeadingDigits::of(text);
    if (whole.count == 8) return nullptr;
    text += whole.count;
    const auto signed_number = [negative](T number) { return negative ? -number : number; };
    if (*text != '.') {
        if (whole.count == 0 || whole.number > largest) return nullptr;
        value = signed_number(static_cast<T>(whole.number));
        return text;
    }
    LeadingDigits decimals = LeadingDigits::of(++text);
    text += decimals.count;
    std::uint64_t all =
        whole.number * powers[static_cast<std::size_t>(decimals.count)] + decimals.number;
    int places = decimals.count;
    if (places == 8) {
        decimals = LeadingDigits::of(text);
        text += decimals.count;
        places += decimals.count;
        if (places > exact || whole.count + places > 17) return nullptr;
        all = all * powers[static_cast<std::size_t>(decimals.count)] + decimals.number;
    }
    if (whole.count + places == 0 || all > largest) return nullptr;
    value = signed_number(static_cast<T>(all) /
                          static_cast<T>(powers[static_cast<std::size_t>(places)]));
    return text;
}

}  // namespace ermine
