// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "race.hpp"

namespace linear {

/// Draws suboptimality against seconds, a panel for each problem: ermine on one and on two threads,
/// and the lower envelope over settings of each peer. Returns why there is no picture, or nothing.
std::string draw(const std::vector<Outcome>& outcomes, const std::string& file);

}  // namespace linear
