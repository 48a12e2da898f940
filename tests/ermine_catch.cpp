// SPDX-License-Identifier: MIT
// The main function of every test program with Catch2 2.13, compiled once.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
