// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace ermine {

// Options are looked at once in a run. `cold` has these compiled for size, which takes less time;
// `noinline` keeps them out of the frame of the loop, which has few registers to spare.

/// The shortest text that reads back as the same number: a rate of 1e-9 must not read 0.000000.
[[gnu::cold]] inline std::string in_digits(double value) {
    char digits[32];
    return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
}

/// Throws std::invalid_argument: "OPTION is VALUE: RULE".
[[noreturn, gnu::cold]] inline void refuse(const char* option, const std::string& value,
                                           const char* rule) {
    std::string text = option;
    text += " is ";
    text += value;
    text += ": ";
    text += rule;
    throw std::invalid_argument(text);
}
[[noreturn, gnu::cold]] inline void refuse(const char* option, double value, const char* rule) {
    refuse(option, in_digits(value), rule);
}
[[noreturn, gnu::cold]] inline void refuse(const char* option, std::int64_t value,
                                           const char* rule) {
    refuse(option, std::to_string(value), rule);
}

/// Throws std::invalid_argument, naming the option and its value, unless it is positive and finite.
[[gnu::noinline]] inline void require_positive(double value, const char* option) {
    if (!(value > 0) || !std::isfinite(value))
        refuse(option, value, "it must be positive and finite");
}

/// Throws std::invalid_argument, naming the option and its value, unless it is finite and >= 0.
[[gnu::noinline]] inline void require_nonnegative(double value, const char* option) {
    if (!(value >= 0) || !std::isfinite(value))
        refuse(option, value, "it must be finite and not negative");
}

/// Throws std::invalid_argument, naming the option and its value, unless low <= value <= high.
[[gnu::noinline]] inline void require_between(double value, double low, double high,
                                              const char* option) {
    if (!(value >= low && value <= high)) {
        std::string rule = "it must lie between ";
        rule += in_digits(low);
        rule += " and ";
        rule += in_digits(high);
        refuse(option, value, rule.c_str());
    }
}

/// Throws std::invalid_argument, naming the option and its value, unless 0 < value < 1.
[[gnu::noinline]] inline void require_fraction(double value, const char* option) {
    if (!(value > 0 && value < 1)) refuse(option, value, "it must lie between 0 and 1");
}

/// Throws std::invalid_argument, naming the option and its value, unless 0 <= value < 1: what is
/// left of an average after a step.
[[gnu::noinline]] inline void require_decay(double value, const char* option) {
    if (!(value >= 0 && value < 1)) refuse(option, value, "it must lie in [0, 1)");
}

/// Throws std::invalid_argument, naming the option and its value, unless it is at least 1.
[[gnu::noinline]] inline void require_count(std::int64_t value, const char* option) {
    if (value < 1) refuse(option, value, "it must be at least 1");
}

/// Throws std::invalid_argument, naming the option and its value, if it is negative.
[[gnu::noinline]] inline void require_not_negative(std::int64_t value, const char* option) {
    if (value < 0) refuse(option, value, "it must not be negative");
}

/// Throws std::invalid_argument, naming the option and its value, unless it is the size of a batch
/// of so many examples: from 1 to all.
[[gnu::noinline]] inline void require_batch(std::int64_t size, std::int64_t examples,
                                            const char* option) {
    if (size >= 1 && size <= examples) return;
    std::string rule = "it must lie between 1 and the number of examples, ";
    rule += std::to_string(examples);
    refuse(option, size, rule.c_str());
}

}  // namespace ermine
