// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/data/targets.hpp>

namespace ermine {

/// Multiplies the weight of each example by the weight of its class; `weights` maps targets to
/// weights, and a class that it leaves out keeps weight 1: `class_weighted(data, {{+1, 10}})`.
/// Throws std::invalid_argument for a weight that is negative or not finite, and for a class that
/// no example has.
template <class Rows>
Dataset<Rows> class_weighted(const Dataset<Rows>& data, const std::map<double, double>& weights) {
    const std::vector<double> classes = distinct_targets(data);
    for (const auto& [target, weight] : weights) {
        if (!std::isfinite(weight) || weight < 0) {
            throw std::invalid_argument("class_weighted: the weight of class " +
                                        std::to_string(target) + " is " + std::to_string(weight) +
                                        "; weights are finite and not negative");
        }
        if (!std::binary_search(classes.begin(), classes.end(), target)) {
            throw std::invalid_argument("class_weighted: no example has the target " +
                                        std::to_string(target));
        }
    }
    Eigen::VectorXd result = Eigen::VectorXd::Ones(data.examples());
    for (Index i = 0; i < data.examples(); ++i) {
        const auto found = weights.find(data.targets()[i]);
        result[i] = (data.weighted() ? data.weights()[i] : 1.0) *
                    (found == weights.end() ? 1.0 : found->second);
    }
    return data.with_weights(result);
}

/// Weights that let every class count the same in the sum: of W, the sum of all weights, each of K
/// classes gets W / K. That is n / (K n_k) for an example of a class of n_k, if all weights are 1.
/// Throws std::invalid_argument if a class has no weight.
template <class Rows>
Dataset<Rows> balanced(const Dataset<Rows>& data) {
    std::map<double, double> sums;
    double all = 0;
    for (Index i = 0; i < data.examples(); ++i) {
        const double weight = data.weighted() ? data.weights()[i] : 1.0;
        sums[data.targets()[i]] += weight;
        all += weight;
    }
    const auto count = static_cast<double>(sums.size());
    for (auto& [target, sum] : sums) {
        if (sum == 0) {
            throw std::invalid_argument("balanced: all examples of class " +
                                        std::to_string(target) + " have weight 0");
        }
        sum = all / (count * sum);
    }
    return class_weighted(data, sums);
}

}  // namespace ermine
