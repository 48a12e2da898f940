// SPDX-License-Identifier: MIT
// Compiled once, and called by all: nobody's compiler sees into it.

#include "races.hpp"

double chained_rosenbrock(const double* x, double* gradient, int n) {
    double sum = 0;
    double carried = 0;
    for (int i = 0; i + 1 < n; ++i) {
        const double r = x[i + 1] - x[i] * x[i];
        const double s = 1 - x[i];
        sum += 100 * r * r + s * s;
        gradient[i] = carried - 400 * r * x[i] - 2 * s;
        carried = 200 * r;
    }
    gradient[n - 1] = carried;
    return sum;
}
