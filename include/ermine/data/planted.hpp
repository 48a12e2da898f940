// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/data/dataset.hpp>

namespace ermine {

/// Generated data together with the d coefficients that its targets were made from.
template <class Rows>
struct Planted {
    Dataset<Rows> data;
    Eigen::VectorXd truth;
};

}  // namespace ermine
