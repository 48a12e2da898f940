// SPDX-License-Identifier: MIT
#pragma once

namespace ermine {

/// The version of the library, by semantic versioning. CMake reads it from here: it stands nowhere else.
inline constexpr const char* version = "0.1.0";

}  // namespace ermine
