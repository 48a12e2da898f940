// SPDX-License-Identifier: MIT
#pragma once

// Catch2 in version 2.13 or 3, under the same names: TEST_CASE, SECTION, CHECK, CHECK_THROWS_WITH,
// Approx, and contains("…") for texts.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#else
#include <catch2/catch.hpp>
#endif

#include <string>

/// Matches a text that holds `part`: `CHECK_THROWS_WITH(call(), contains("column 3"))`.
inline auto contains(const std::string& part) {
#if __has_include(<catch2/catch_all.hpp>)
    return Catch::Matchers::ContainsSubstring(part);
#else
    return Catch::Contains(part);
#endif
}
