// SPDX-License-Identifier: MIT
// A sum over examples that takes batches, but none with weights.
#include <Eigen/Core>

#include <ermine/data/importance.hpp>
#include <ermine/estimators/minibatch.hpp>
#include <ermine/solvers/compose.hpp>
#include <ermine/solvers/minimize.hpp>
#include <ermine/steps/constant.hpp>

struct Squares {
    ermine::Index examples() const { return 2; }
    double value(const Eigen::VectorXd& x) const { return x.squaredNorm(); }
    double value_and_gradient(const Eigen::VectorXd& x, Eigen::VectorXd& g) const {
        g = 2 * x;
        return value(x);
    }
    double value_and_gradient(const Eigen::VectorXd& x, ermine::Batch, Eigen::VectorXd& g) const {
        return value_and_gradient(x, g);
    }
};

int main() {
    const Eigen::VectorXd scores = Eigen::VectorXd::Ones(2);
    const auto method =
        ermine::minibatch(ermine::Importance{scores}, {.size = 1}) | ermine::Constant{.size = 0.1};
    return static_cast<int>(ermine::minimize(Squares{}, scores, method).value);
}
