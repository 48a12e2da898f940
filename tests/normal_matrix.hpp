// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/random.hpp>

#include <Eigen/Core>

/// n × d independent normal numbers, the same at each call.
inline Eigen::MatrixXd normal(ermine::Index n, ermine::Index d) {
    ermine::Random random(3);
    Eigen::MatrixXd x(n, d);
    for (double& number : x.reshaped()) number = random.normal();
    return x;
}
