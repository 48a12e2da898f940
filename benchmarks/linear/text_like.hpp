// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include <ermine/data/dataset.hpp>
#include <ermine/numerics/random.hpp>

#include "logistic_labels.hpp"
#include "problem.hpp"

namespace linear {

/// The number of events of a Poisson process, by the product of uniform numbers (Knuth).
inline int poisson(double mean, ermine::Random& random) {
    const double end = std::exp(-mean);
    int count = 0;
    for (double product = random.uniform(); product > end; product *= random.uniform()) ++count;
    return count;
}

/// The examples *sparse*, n × d: Poisson(`words`) + 1 draws a row from pⱼ ∝ (j + 10)⁻¹, the columns
/// permuted; a column that was drawn c times has (1 + log c) log(n / df + 1), where df rows have
/// it, and rows are of norm 1. Labels are logistic, with logits xᵀw of standard deviation 3 and
/// standard normal w.
inline Sparse text_like(Index n, Index d, double words, std::uint64_t seed) {
    struct Memory {
        std::vector<float> values;
        std::vector<std::int32_t> columns;
        std::vector<std::int64_t> offsets{0};
        Eigen::VectorXd targets;
    };
    ermine::Random random(seed);
    const auto size = static_cast<std::size_t>(d);
    std::vector<double> cumulative(size);
    double total = 0;
    for (std::size_t j = 0; j < size; ++j)
        cumulative[j] = total += 1 / (static_cast<double>(j) + 10);
    std::vector<std::int32_t> names(size);
    std::iota(names.begin(), names.end(), 0);
    for (std::size_t j = size; j > 1; --j) std::swap(names[j - 1], names[random.below(j)]);

    auto memory = std::make_shared<Memory>();
    std::vector<double> values;
    std::vector<double> having(size, 0);
    std::vector<std::int32_t> drawn;
    for (Index i = 0; i < n; ++i) {
        drawn.resize(static_cast<std::size_t>(poisson(words, random)) + 1);
        for (std::int32_t& column : drawn) {
            const auto found = std::upper_bound(cumulative.begin(), cumulative.end() - 1,
                                                total * random.uniform());
            column = names[static_cast<std::size_t>(found - cumulative.begin())];
        }
        std::sort(drawn.begin(), drawn.end());
        for (std::size_t k = 0; k < drawn.size();) {
            const std::size_t first = k;
            while (k < drawn.size() && drawn[k] == drawn[first]) ++k;
            memory->columns.push_back(drawn[first]);
            values.push_back(1 + std::log(static_cast<double>(k - first)));
            having[static_cast<std::size_t>(drawn[first])] += 1;
        }
        memory->offsets.push_back(static_cast<std::int64_t>(values.size()));
    }
    Eigen::VectorXd weight(d);
    for (double& w : weight) w = random.normal();
    Eigen::VectorXd logits = Eigen::VectorXd::Zero(n);
    memory->values.resize(values.size());
    for (Index i = 0; i < n; ++i) {
        const auto begin = static_cast<std::size_t>(memory->offsets[static_cast<std::size_t>(i)]);
        const auto end = static_cast<std::size_t>(memory->offsets[static_cast<std::size_t>(i) + 1]);
        double squares = 0;
        for (std::size_t k = begin; k < end; ++k) {
            const auto column = static_cast<std::size_t>(memory->columns[k]);
            values[k] *= std::log(static_cast<double>(n) / having[column] + 1);
            squares += values[k] * values[k];
        }
        for (std::size_t k = begin; k < end; ++k) {
            values[k] /= std::sqrt(squares);
            logits[i] += values[k] * weight[memory->columns[k]];
            memory->values[k] = static_cast<float>(values[k]);
        }
    }
    memory->targets = logistic_labels(logits, random);
    const ermine::SparseRows<float> rows{memory->values.data(), memory->columns.data(),
                                         memory->offsets.data(), n, d};
    const double* const targets = memory->targets.data();
    return Sparse::view(rows, targets, nullptr, std::move(memory));
}

}  // namespace linear
