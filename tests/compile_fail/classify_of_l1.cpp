// SPDX-License-Identifier: MIT
#include <ermine/diagnostics/classify.hpp>
#include <ermine/objectives/composite.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/rosenbrock.hpp>

int main() {
    const auto f = ermine::Rosenbrock{} + ermine::L1{1};
    const auto point = ermine::classify(f, Eigen::VectorXd::Ones(3).eval());
    return static_cast<int>(point.index);
}
