// SPDX-License-Identifier: MIT
#include <ermine/version.hpp>
#include <iostream>

int main() { std::cout << "ermine " << ermine::version << '\n'; }
