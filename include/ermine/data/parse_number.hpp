// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <string>
#include <string_view>
#include <system_error>

#include <fast_float/fast_float.h>

namespace ermine {

/// What became of a text that should have been a number.
enum class Parsed { number, not_a_number, infinite, too_large };

/// Reads all of `text` as a decimal number, rounded to the nearest T: -1.5e3, +1, .28, 5. are
/// numbers, " 1", 0x10 and 1,5 are not. `value` is written only for Parsed::number, so it is always
/// finite: "nan" is not_a_number, "inf" infinite, and 1e999 too_large. What is too small becomes 0
/// or a subnormal number.
template <class T>
Parsed parse_number(std::string_view text, T& value) {
    if (text.size() == 1 && text[0] >= '0' && text[0] <= '9') {  // as most numbers in tables are
        value = static_cast<T>(text[0] - '0');
        return Parsed::number;
    }
    if (!text.empty() && text.front() == '+') {
        text.remove_prefix(1);
        if (!text.empty() && text.front() == '-') {
            return Parsed::not_a_number;
        }
    }
    T number = 0;
    const char* const last = text.data() + text.size();
    const auto result = fast_float::from_chars(text.data(), last, number);
    if (result.ptr != last || text.empty() || result.ec == std::errc::invalid_argument ||
        std::isnan(number)) {
        return Parsed::not_a_number;
    }
    if (!std::isfinite(number)) {
        const char first = text.front() == '-' ? text[1] : text.front();
        return first == 'i' || first == 'I' ? Parsed::infinite : Parsed::too_large;
    }
    value = number;
    return Parsed::number;
}

/// `text` in quotes for a message: at most 40 bytes of it, control characters replaced.
inline std::string in_quotes(std::string_view text) {
    std::string result = "'";
    for (const char c : text.substr(0, 40)) {
        result += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    }
    return result + (text.size() > 40 ? "…'" : "'");
}

/// The end of a sentence that begins with the text: "… is not a number".
inline std::string_view explain(Parsed parsed) {
    switch (parsed) {
        case Parsed::infinite:
            return "is infinite; numbers must be finite";
        case Parsed::too_large:
            return "is too large for a floating-point number";
        case Parsed::number:
            return "is a number";
        case Parsed::not_a_number:
            break;
    }
    return "is not a number";
}

}  // namespace ermine
