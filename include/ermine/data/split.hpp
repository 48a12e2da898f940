// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/shuffle.hpp>

namespace ermine {

/// How to split a dataset in two.
struct SplitOptions {
    double holdout = 0.2;  ///< Share of the examples that is held out, in (0, 1).
    std::uint64_t seed = 7;
    /// Takes the same share of each class. Targets count as classes if they are integers, of at
    /// most 100 values, each had by two examples or more on the average; other targets are split
    /// as a whole.
    bool stratified = true;
};

/// The two parts of a dataset, to be used as `const auto [train, held_out] = split(data);`
template <class Rows>
struct Split {
    Dataset<Rows> train;
    Dataset<Rows> held_out;
};

/// Splits a dataset at random, the same way on every platform for the same seed. Both parts keep
/// the order of the data. Of n examples, round(holdout n) are held out; stratified, each class
/// gives its share, rounded down or up so that the sum is met (largest remainders first).
/// Throws std::invalid_argument if holdout is not in (0, 1), or if a part would be empty.
template <class Rows>
Split<Rows> split(const Dataset<Rows>& data, const SplitOptions& options = {}) {
    const Index n = data.examples();
    if (!(options.holdout > 0 && options.holdout < 1)) {
        throw std::invalid_argument("split: holdout = " + std::to_string(options.holdout) +
                                    " is not between 0 and 1");
    }
    if (n > std::numeric_limits<std::int32_t>::max()) {
        throw std::invalid_argument("split: " + std::to_string(n) + " examples are more than 2^31");
    }
    const auto held = static_cast<Index>(std::llround(options.holdout * static_cast<double>(n)));
    if (held == 0 || held == n) {
        throw std::invalid_argument("split: holdout = " + std::to_string(options.holdout) + " of " +
                                    std::to_string(n) + " examples leaves one part empty");
    }
    std::map<double, std::vector<std::int32_t>> classes;
    const auto gather = [&](bool by_class) {
        classes.clear();
        for (Index i = 0; i < n; ++i) {
            const double y = data.targets()[i];
            classes[by_class ? y : 0].push_back(static_cast<std::int32_t>(i));
            if (by_class && (y != std::floor(y) || classes.size() > 100)) {
                return false;
            }
        }
        return 2 * static_cast<Index>(classes.size()) <= n;
    };
    if (!options.stratified || !gather(true)) {
        gather(false);
    }

    // A class of m gives floor(m held / n), and one more if its remainder is among the largest.
    std::vector<Index> quota;
    std::vector<Index> remainder;
    for (const auto& [target, members] : classes) {
        const Index product = static_cast<Index>(members.size()) * held;
        quota.push_back(product / n);
        remainder.push_back(product % n);
    }
    std::vector<std::size_t> order(quota.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return remainder[a] != remainder[b] ? remainder[a] > remainder[b] : a < b;
    });
    const Index missing = held - std::accumulate(quota.begin(), quota.end(), Index{0});
    for (std::size_t k = 0; k < static_cast<std::size_t>(missing); ++k) {
        ++quota[order[k]];
    }

    Random random(options.seed);
    std::vector<std::int32_t> train;
    std::vector<std::int32_t> held_out;
    std::size_t k = 0;
    for (auto& [target, members] : classes) {
        shuffle(std::span<std::int32_t>(members), random);
        const auto cut = members.begin() + quota[k++];
        held_out.insert(held_out.end(), members.begin(), cut);
        train.insert(train.end(), cut, members.end());
    }
    std::sort(train.begin(), train.end());
    std::sort(held_out.begin(), held_out.end());
    return {data.select(train), data.select(held_out)};
}

}  // namespace ermine
