// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/data/planted.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

struct SparsePowerLawOptions {
    Index examples = 1000;
    Index features = 10000;
    Index words = 50;        ///< Draws for each example; each feature drawn is one stored entry.
    double exponent = 1;     ///< Feature j is drawn with probability ∝ (j + 1)^-exponent.
    double label_noise = 0;  ///< Share of the labels that are turned around, in [0, 1/2].
    std::uint64_t seed = 7;
};

/// Sparse data shaped like text (Zipf's law): each example draws `words` features from the power
/// law; a feature that was drawn c times has the value log(1 + c), and rows have norm 1. The label
/// is the sign of xᵀw with standard normal w, turned around with probability `label_noise`.
/// `truth` is w. Throws std::invalid_argument for an option that makes no sense.
inline Planted<SparseRows<double>> sparse_power_law(const SparsePowerLawOptions& options = {}) {
    const Index n = options.examples;
    const Index d = options.features;
    require_positive(static_cast<double>(n), "SparsePowerLawOptions::examples");
    require_positive(static_cast<double>(d), "SparsePowerLawOptions::features");
    require_positive(static_cast<double>(options.words), "SparsePowerLawOptions::words");
    require_nonnegative(options.exponent, "SparsePowerLawOptions::exponent");
    if (d > std::numeric_limits<std::int32_t>::max()) {
        throw std::invalid_argument("SparsePowerLawOptions::features is " + std::to_string(d) +
                                    "; column numbers are of 32 bits");
    }
    if (!(options.label_noise >= 0 && options.label_noise <= 0.5)) {
        throw std::invalid_argument("SparsePowerLawOptions::label_noise is " +
                                    std::to_string(options.label_noise) + "; it is in [0, 0.5]");
    }
    struct Memory {
        std::vector<double> values;
        std::vector<std::int32_t> columns;
        std::vector<std::int64_t> offsets{0};
        std::vector<double> targets;
    };
    Random random(options.seed);
    Eigen::VectorXd truth(d);
    std::vector<double> cumulative;
    double total = 0;
    for (Index j = 0; j < d; ++j) {
        truth[j] = random.normal();
        cumulative.push_back(total += std::pow(static_cast<double>(j + 1), -options.exponent));
    }
    auto memory = std::make_shared<Memory>();
    std::vector<std::int32_t> drawn(static_cast<std::size_t>(options.words));
    for (Index i = 0; i < n; ++i) {
        for (std::int32_t& column : drawn) {
            const auto found = std::upper_bound(cumulative.begin(), cumulative.end() - 1,
                                                total * random.uniform());
            column = static_cast<std::int32_t>(found - cumulative.begin());
        }
        std::sort(drawn.begin(), drawn.end());
        const std::size_t start = memory->values.size();
        double squares = 0;
        double margin = 0;
        for (std::size_t k = 0; k < drawn.size();) {
            const std::size_t first = k;
            while (k < drawn.size() && drawn[k] == drawn[first]) {
                ++k;
            }
            const double value = std::log1p(static_cast<double>(k - first));
            memory->columns.push_back(drawn[first]);
            memory->values.push_back(value);
            squares += value * value;
            margin += value * truth[drawn[first]];
        }
        for (std::size_t k = start; k < memory->values.size(); ++k) {
            memory->values[k] /= std::sqrt(squares);
        }
        const bool turned = random.uniform() < options.label_noise;
        memory->targets.push_back((margin > 0) != turned ? 1 : -1);
        memory->offsets.push_back(static_cast<std::int64_t>(memory->values.size()));
    }
    const SparseRows<double> rows{memory->values.data(), memory->columns.data(),
                                  memory->offsets.data(), n, d};
    const double* const targets = memory->targets.data();
    return {Dataset<SparseRows<double>>::view(rows, targets, nullptr, std::move(memory)), truth};
}

}  // namespace ermine
