// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdlib>
#include <stdexcept>
#include <string>

#include <Eigen/Core>

#include <ermine/data/read_csv.hpp>
#include <ermine/data/read_idx.hpp>
#include <ermine/data/read_libsvm.hpp>

#include "problem.hpp"
#include "rounded.hpp"

namespace linear {

/// Where the public data sets are. Throws std::runtime_error where nobody says so.
inline std::string data_folder() {
    const char* const folder = std::getenv("ERMINE_DATA_DIR");
    if (folder == nullptr)
        throw std::runtime_error("ERMINE_DATA_DIR is not set: give the folder with the data sets");
    return folder;
}

inline Sparse libsvm(const std::string& file, Index features = 0) {
    return ermine::read_libsvm<float>(data_folder() + "/libsvm/" + file, {.features = features});
}

/// A table of numbers whose last column is one of two classes (the first of them −1), standardized.
inline Dense two_classes(const std::string& file) {
    const auto data = ermine::read_csv<double>(data_folder() + "/csv/" + file).data;
    return standardized(data.with_targets((2 * data.targets().array() - 1).matrix()));
}

/// The same with classes 0, 1, …
inline Dense many_classes(const std::string& file) {
    return standardized(ermine::read_csv<double>(data_folder() + "/csv/" + file).data);
}

/// California housing: eight numbers (a missing one is the mean of its column) and five columns for
/// the ocean's proximity; the value of a house, of mean 0 and variance 1.
inline Dense california_housing() {
    const auto data = ermine::read_csv<double>(data_folder() + "/csv/california-housing.csv.gz",
                                               {.target = "median_house_value",
                                                .categorical = {"ocean_proximity"},
                                                .missing = ermine::Missing::mean})
                          .data;
    Eigen::VectorXd y = data.targets();
    y.array() -= y.mean();
    y /= std::sqrt(y.squaredNorm() / static_cast<double>(y.size()));
    return standardized(data.with_targets(y));
}

/// The ten digits of MNIST's 60 000 training images: pixels / 255, then rows of norm 1.
inline Dense mnist_digits() {
    const std::string folder = data_folder() + "/mnist/train-";
    const auto images = ermine::read_idx<double>(
        folder + "images-idx3-ubyte.gz", folder + "labels-idx1-ubyte.gz", {.scale = 1.0 / 255});
    ermine::DenseRows<double>::Matrix x = images.rows().matrix();
    x.rowwise().normalize();
    return {x.cast<float>(), images.targets()};
}

/// +1 for odd digits, −1 for even ones.
template <class Rows>
ermine::Dataset<Rows> odd_or_even(const ermine::Dataset<Rows>& digits) {
    return digits.with_targets(digits.targets().unaryExpr(
        [](double digit) { return std::fmod(digit, 2) == 1 ? 1.0 : -1.0; }));
}

}  // namespace linear
