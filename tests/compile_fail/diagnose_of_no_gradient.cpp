// SPDX-License-Identifier: MIT
#include <ermine/diagnostics/diagnose.hpp>

struct ValueAlone {
    double value(const Eigen::VectorXd& x) const { return x.squaredNorm(); }
};

int main() {
    const Eigen::VectorXd x = Eigen::VectorXd::Ones(3);
    return ermine::diagnose(ValueAlone{}, x).healthy() ? 0 : 1;
}
