// SPDX-License-Identifier: MIT
#include <ermine/losses/huberized.hpp>
#include <ermine/losses/zero_one.hpp>

int main() { return static_cast<int>(ermine::huberized(ermine::ZeroOneLoss{}, 1).value(0.0, 1.0)); }
