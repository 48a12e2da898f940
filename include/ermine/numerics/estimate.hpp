// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ostream>
#include <string>

namespace ermine {

/// A number with no more digits than its error leaves: up to the place of the error's first digit,
/// one further where that is a 1, and six at most; "0" where the error is twice the number or more.
/// in_digits(3.14159, 0.02) is "3.14".
inline std::string in_digits(double value, double error) {
    if (error >= 2 * std::abs(value)) return "0";
    int digits = 6;
    if (error > 0 && std::isfinite(value) && value != 0) {
        const double place = std::floor(std::log10(error));
        const bool one = error < 1.95 * std::pow(10.0, place);
        const double wanted = std::floor(std::log10(std::abs(value))) - place + (one ? 2 : 1);
        digits = static_cast<int>(std::clamp(wanted, 1.0, 6.0));
    }
    char text[40];
    std::snprintf(text, sizeof text, "%.*g", digits, value);
    return text;
}

/// A number that was estimated, and how far the truth may be from it: half of its 95 % interval
/// where chance is at work, otherwise a bound.
struct Estimate {
    double value = 0;
    double error = 0;

    [[nodiscard]] double lower() const { return value - error; }
    [[nodiscard]] double upper() const { return value + error; }

    /// "12.4 ± 0.3".
    friend std::ostream& operator<<(std::ostream& out, const Estimate& e) {
        out << in_digits(e.value, e.error);
        if (e.error == 0) return out;
        char text[40];
        std::snprintf(text, sizeof text, " ± %.2g", e.error);
        return out << text;
    }
};

}  // namespace ermine
