// SPDX-License-Identifier: MIT
#pragma once

namespace ermine {

/// The version of the library, by semantic versioning. CMake reads it from here, its only home.
inline constexpr const char* version = "0.1.0";

}  // namespace ermine
