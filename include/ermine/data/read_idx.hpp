// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/data/data_error.hpp>
#include <ermine/data/dataset.hpp>
#include <ermine/data/idx_reader.hpp>

namespace ermine {

/// How to read a pair of IDX files.
struct IdxFormat {
    /// Features are multiplied by this: 1.0 / 255 brings pixels to [0, 1].
    double scale = 1;
};

/// Reads the images and labels of an IDX data set such as MNIST, plain or gzip. Images of n × r × c
/// (or of any other dimensions behind the first) become n rows of r c features, labels become the
/// targets as they are. Any element type; a T that is too short for a number takes the nearest.
///
///     const auto data = read_idx<float>("train-images-idx3-ubyte.gz",
///     "train-labels-idx1-ubyte.gz");
///
/// Without a name for the labels all targets are 0. Throws DataError with the byte for a file that
/// is no IDX file, is truncated, overlong or damaged; for labels that are no list of n numbers; for
/// no image at all. Throws std::invalid_argument for a scale that is 0 or not finite.
template <std::floating_point T = double>
Dataset<DenseRows<T>> read_idx(const std::string& images, const std::string& labels,
                               const IdxFormat& format = {}) {
    struct Memory {
        std::vector<T> values;
        std::vector<double> targets;
    };
    if (!std::isfinite(format.scale) || format.scale == 0) {
        throw std::invalid_argument("IdxFormat: scale = " + std::to_string(format.scale) +
                                    "; give a finite number that is not 0");
    }
    IdxReader image_reader(images);
    const std::int64_t n = image_reader.dimensions().front();
    if (n == 0) {
        throw DataError::at_byte(images, 4, "the file has no examples");
    }
    auto memory = std::make_shared<Memory>();
    if (labels.empty()) {
        memory->targets.resize(static_cast<std::size_t>(n));
    } else {
        // Labels first: a wrong file is noticed before gigabytes of images are read.
        IdxReader label_reader(labels);
        const auto& dimensions = label_reader.dimensions();
        if (dimensions.size() != 1) {
            throw DataError::at_byte(labels, 3,
                                     "labels have 1 dimension, this file has " +
                                         std::to_string(dimensions.size()) +
                                         "; are images and labels interchanged?");
        }
        if (dimensions.front() != n) {
            throw DataError::at_byte(labels, 4,
                                     "there are " + std::to_string(dimensions.front()) +
                                         " labels, but " + std::to_string(n) + " examples in " +
                                         images);
        }
        memory->targets = label_reader.template numbers<double>();
    }
    memory->values = image_reader.template numbers<T>();
    if (format.scale != 1) {
        for (T& value : memory->values) {
            value = static_cast<T>(static_cast<double>(value) * format.scale);
        }
    }
    const Index features = static_cast<Index>(image_reader.count() / n);
    const DenseRows<T> rows{memory->values.data(), n, features, features};
    const double* const targets = memory->targets.data();
    return Dataset<DenseRows<T>>::view(rows, targets, nullptr, std::move(memory));
}

}  // namespace ermine
