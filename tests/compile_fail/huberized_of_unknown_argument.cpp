// SPDX-License-Identifier: MIT
#include <ermine/losses/huberized.hpp>

namespace {

struct Poisson {
    static constexpr bool convex = true;
    double value(double p, double y) const { return std::exp(p) - y * p; }
    double derivative(double p, double y) const { return std::exp(p) - y; }
};

}  // namespace

int main() { return static_cast<int>(ermine::huberized(Poisson{}, 1).value(0.0, 1.0)); }
