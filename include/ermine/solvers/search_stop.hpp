// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/spread.hpp>

namespace ermine {

/// The stop rule of methods that search by values alone, where none is given: `Spread{}`, or after
/// 100 000 iterations.
struct SearchStop : FirstOf<Spread, MaxIterations> {
    SearchStop() : FirstOf{{Spread{}, MaxIterations{100000}}} {}
};

}  // namespace ermine
