// SPDX-License-Identifier: MIT
#pragma once

// Everything that needs Eigen alone.
// IWYU pragma: begin_exports
#include <ermine/version.hpp>
// IWYU pragma: end_exports
