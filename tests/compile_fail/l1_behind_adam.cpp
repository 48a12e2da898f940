// SPDX-License-Identifier: MIT
#include <ermine/directions/adam.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>

struct Bowl {
    double value(const Eigen::Vector2d& x) const { return x.squaredNorm(); }
    double value_and_gradient(const Eigen::Vector2d& x, Eigen::Vector2d& g) const {
        g = 2 * x;
        return value(x);
    }
    void hessian(const Eigen::Vector2d&, Eigen::Matrix2d& h) const {
        h = 2 * Eigen::Matrix2d::Identity();
    }
};

struct SparseBowl {
    Bowl bowl;
    ermine::L1 l1;
    const Bowl& smooth_part() const { return bowl; }
    double penalty(const Eigen::Vector2d& x) const { return l1.value(x); }
    void prox(Eigen::Vector2d& x, double step) const { l1.prox(x, step); }
    double value(const Eigen::Vector2d& x) const { return bowl.value(x) + penalty(x); }
};

int main() {
    const auto result =
        ermine::minimize(SparseBowl{}, Eigen::Vector2d(1.0, 2.0),
                         ermine::FullGradient{} | ermine::Adam{} | ermine::Constant{0.1});
    return static_cast<int>(result.iterations);
}
