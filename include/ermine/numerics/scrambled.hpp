// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace ermine {

/// A number whose bits look as if drawn at random, another for each z: the output function of
/// splitmix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014).
constexpr std::uint64_t scrambled(std::uint64_t z) {
    z += 0x9e3779b97f4a7c15U;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

}  // namespace ermine
