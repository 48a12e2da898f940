// SPDX-License-Identifier: MIT
#include <ermine/objectives/quadratic.hpp>
#include <ermine/solvers/gradient_norm.hpp>
#include <ermine/solvers/methods.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/multi_start.hpp>
#include <ermine/solvers/uniform_starts.hpp>

int main() {
    const ermine::Quadratic f(Eigen::MatrixXd::Identity(3, 3).eval(),
                              Eigen::VectorXd::Zero(3).eval());
    const auto method = ermine::multi_start(ermine::gradient_descent(), ermine::UniformStarts{});
    const auto result =
        ermine::minimize(f, Eigen::VectorXd::Ones(3).eval(), method, ermine::GradientNorm{1e-6});
    return static_cast<int>(result.iterations);
}
