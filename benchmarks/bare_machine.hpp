// SPDX-License-Identifier: MIT
#pragma once

/// How many times as fast two threads are as one at bare work: whether the machine has a second
/// core to give.
struct BareMachine {
    double triad_one;    ///< GB/s
    double triad_two;    ///< GB/s
    double product_one;  ///< GFLOP/s in double
    double product_two;

    [[nodiscard]] double triad() const { return triad_two / triad_one; }
    [[nodiscard]] double product() const { return product_two / product_one; }
    [[nodiscard]] bool has_two_cores() const { return triad() >= 1.6 && product() >= 1.6; }
};

/// a = b + 3 c over arrays of 64 MB, and products of matrices that stay in cache, a stretch for
/// each thread; the best of several.
BareMachine measure_bare_machine();
