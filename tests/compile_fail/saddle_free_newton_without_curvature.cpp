// SPDX-License-Identifier: MIT
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/newton_methods.hpp>

struct WithGradient {
    double value(const Eigen::VectorXd& x) const { return x.squaredNorm(); }
    double value_and_gradient(const Eigen::VectorXd& x, Eigen::VectorXd& g) const {
        g = 2 * x;
        return value(x);
    }
};

int main() {
    const auto result = ermine::minimize(WithGradient{}, Eigen::VectorXd::Ones(3).eval(),
                                         ermine::saddle_free_newton());
    return static_cast<int>(result.iterations);
}
