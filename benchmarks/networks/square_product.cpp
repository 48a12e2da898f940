// SPDX-License-Identifier: MIT
#include "square_product.hpp"

#include "../timing.hpp"

namespace networks {

double square_product_seconds(Eigen::Index size, bool processor_time) {
    const Eigen::MatrixXf a = Eigen::MatrixXf::Constant(size, size, 0.5F);
    const Eigen::MatrixXf b = Eigen::MatrixXf::Constant(size, size, 0.25F);
    Eigen::MatrixXf c = Eigen::MatrixXf::Zero(size, size);
    const auto multiply = [&] { c.noalias() = a * b; };
    return processor_time ? processor_seconds(multiply) : seconds(multiply);
}

}  // namespace networks
