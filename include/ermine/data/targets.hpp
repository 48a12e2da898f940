// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/data/dataset.hpp>

namespace ermine {

/// The different targets of a dataset, in increasing order.
template <class Rows>
std::vector<double> distinct_targets(const Dataset<Rows>& data) {
    constexpr std::size_t few = 64;  // up to here one is looked up among those that were met
    std::vector<double> values;
    for (const double target : data.targets()) {
        if (!values.empty() && target == values.back()) continue;
        const auto place = std::lower_bound(values.begin(), values.end(), target);
        if (place != values.end() && *place == target) continue;
        if (values.size() == few) {
            values.assign(data.targets().begin(), data.targets().end());
            std::sort(values.begin(), values.end());
            values.erase(std::unique(values.begin(), values.end()), values.end());
            return values;
        }
        values.insert(place, target);
    }
    return values;
}

/// Names of the given targets: for data with class names, the name k for a target k, and of two
/// names the first for -1; otherwise the shortest text of the number.
template <class Rows>
std::vector<std::string> target_names(const Dataset<Rows>& data,
                                      const std::vector<double>& targets) {
    const std::vector<std::string>& known = data.class_names();
    std::vector<std::string> names;
    for (const double target : targets) {
        const double number = known.size() == 2 && target == -1 ? 0 : target;
        if (number >= 0 && number < static_cast<double>(known.size()) &&
            number == std::floor(number)) {
            names.push_back(known[static_cast<std::size_t>(number)]);
        } else {
            std::string text(32, ' ');
            const auto end = std::to_chars(text.data(), text.data() + text.size(), target).ptr;
            names.emplace_back(text.data(), end);
        }
    }
    return names;
}

/// Targets for the losses of two classes: the smaller of the two target values becomes -1, the
/// larger +1. Class names are kept in that order, made from the numbers where there were none.
/// Throws std::invalid_argument unless there are exactly two target values.
template <class Rows>
Dataset<Rows> binary_targets(const Dataset<Rows>& data) {
    const std::vector<double> classes = distinct_targets(data);
    if (classes.size() != 2) {
        throw std::invalid_argument("binary_targets: the targets have " +
                                    std::to_string(classes.size()) + " values (the smallest is " +
                                    target_names(data, {classes.front()}).front() +
                                    "); two classes need two");
    }
    const Eigen::VectorXd targets =
        data.targets().unaryExpr([&](double y) { return y == classes[0] ? -1.0 : 1.0; });
    return data.with_targets(targets).with_class_names(target_names(data, classes));
}

/// Targets for the losses of many classes: the K target values become 0, …, K - 1 in increasing
/// order. Class names are kept in that order, made from the numbers where there were none.
/// Throws std::invalid_argument for more than 2^20 classes or fewer than two.
template <class Rows>
Dataset<Rows> class_targets(const Dataset<Rows>& data) {
    const std::vector<double> classes = distinct_targets(data);
    if (classes.size() < 2 || classes.size() > std::size_t{1} << 20) {
        throw std::invalid_argument("class_targets: the targets have " +
                                    std::to_string(classes.size()) +
                                    " values; classes are 2 to 1048576");
    }
    const Eigen::VectorXd targets = data.targets().unaryExpr([&](double y) {
        return static_cast<double>(std::lower_bound(classes.begin(), classes.end(), y) -
                                   classes.begin());
    });
    return data.with_targets(targets).with_class_names(target_names(data, classes));
}

}  // namespace ermine
