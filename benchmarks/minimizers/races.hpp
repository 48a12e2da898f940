// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "contestant.hpp"

/// Σ 100 (xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)².
double chained_rosenbrock(const double* x, double* gradient, int n);

struct Finish {
    int n;
    const Contestant* contestant;
    double seconds;  ///< median of a run
    long evaluations;
    double value;
    double gradient_norm;  ///< at the answer
};

/// Runs from (−1.2, 1, −1.2, 1, …) to ‖∇f‖∞ <= 1e-8, in turn, and prints the times.
std::vector<Finish> race(const std::vector<Contestant>& contestants, bool quick);
