// SPDX-License-Identifier: MIT
#include <ermine/diagnostics/classify.hpp>

struct ValueOnly {
    double value(const Eigen::VectorXd& x) const { return x.squaredNorm(); }
};

int main() {
    const auto point = ermine::classify(ValueOnly{}, Eigen::VectorXd::Ones(3).eval());
    return static_cast<int>(point.index);
}
