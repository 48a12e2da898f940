// SPDX-License-Identifier: MIT
#include <ermine/solvers/hessian_free.hpp>
#include <ermine/solvers/minimize.hpp>

struct WithGradient {
    double value(const Eigen::VectorXd& x) const { return x.squaredNorm(); }
    double value_and_gradient(const Eigen::VectorXd& x, Eigen::VectorXd& g) const {
        g = 2 * x;
        return value(x);
    }
};

int main() {
    const auto result =
        ermine::minimize(WithGradient{}, Eigen::VectorXd::Ones(3).eval(), ermine::HessianFree{});
    return static_cast<int>(result.iterations);
}
