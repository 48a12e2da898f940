// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

/// A function that is only timed: all contestants call the same compiled code, and stop where
/// ‖∇f‖∞ <= 1e-8.
struct Race {
    using Function = double (*)(const double* x, double* gradient, int n);

    Function function;
    int n;

    int size() const { return n; }
    double operator()(const double* x, double* gradient) const { return function(x, gradient, n); }

    bool done(const double* gradient) const {
        double most = 0;
        for (int i = 0; i < n; ++i)
            most = std::abs(gradient[i]) > most ? std::abs(gradient[i]) : most;
        return most <= 1e-8;
    }
};
