// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <string>

/// A number as one would write it.
inline std::string text_of(double number) {
    char text[32];
    std::snprintf(text, sizeof text, "%.12g", number);
    return text;
}
