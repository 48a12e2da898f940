// SPDX-License-Identifier: MIT
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/exact.hpp>

struct Gradient {
    double value(const Eigen::Vector2d& x) const { return x.squaredNorm(); }
    double value_and_gradient(const Eigen::Vector2d& x, Eigen::Vector2d& g) const {
        g = 2 * x;
        return x.squaredNorm();
    }
};

int main() {
    const auto result = ermine::minimize(Gradient{}, Eigen::Vector2d(-1.2, 1.0),
                                         ermine::FullGradient{} | ermine::Exact{});
    return static_cast<int>(result.iterations);
}
