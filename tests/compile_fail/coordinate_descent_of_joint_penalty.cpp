// SPDX-License-Identifier: MIT
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/quadratic.hpp>
#include <ermine/solvers/coordinate_descent.hpp>
#include <ermine/solvers/minimize.hpp>

/// ‖w‖₂: all numbers shrink together.
struct Norm {
    static constexpr bool separable = false;
    double value(const auto& w) const { return w.norm(); }
    void prox(auto&& w, double t) const { w *= w.norm() > t ? 1 - t / w.norm() : 0; }
    void check() const {}
};

int main() {
    using ermine::operator+;
    const ermine::Quadratic f(Eigen::MatrixXd::Identity(3, 3).eval(),
                              Eigen::VectorXd::Zero(3).eval());
    const auto result =
        ermine::minimize(f + Norm{}, Eigen::VectorXd::Ones(3).eval(), ermine::CoordinateDescent{});
    return static_cast<int>(result.iterations);
}
