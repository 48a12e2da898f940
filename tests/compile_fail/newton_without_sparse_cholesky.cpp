// SPDX-License-Identifier: MIT
#include <Eigen/SparseCore>

#include <ermine/solvers/minimize.hpp>
#include <ermine/solvers/newton_methods.hpp>

struct WithSparseHessian {
    using Hessian = Eigen::SparseMatrix<double>;
    double value(const Eigen::VectorXd& x) const { return x.squaredNorm(); }
    double value_and_gradient(const Eigen::VectorXd& x, Eigen::VectorXd& g) const {
        g = 2 * x;
        return value(x);
    }
    void hessian(const Eigen::VectorXd&, Hessian& h) const { h.setIdentity(); }
};

int main() {
    const auto result =
        ermine::minimize(WithSparseHessian{}, Eigen::VectorXd::Ones(3).eval(), ermine::newton());
    return static_cast<int>(result.iterations);
}
