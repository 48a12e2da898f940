// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/data/groups.hpp>
#include <ermine/data/split.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/shuffle.hpp>

namespace ermine {

/// How `split_by_group` splits.
struct GroupSplitOptions {
    double holdout = 0.2;  ///< Share of the examples that is held out, in (0, 1).
    std::uint64_t seed = 7;
};

/// Splits a dataset so that no group is on both sides: frames of one video, measurements of one
/// patient, which resemble one another, would otherwise make the held-out risk too small. `labels`
/// has a number for each example that says which group it belongs to:
/// `const auto [train, held_out] = split_by_group(data, patients);`
///
/// Groups are taken in random order, the same on every platform, each of them held out if that
/// brings the number of examples held out closer to holdout · n. Both parts keep the order of the
/// data. Throws std::invalid_argument for labels that are not one an example, fewer than two
/// groups, and a holdout outside (0, 1) or so small or large that a part would be empty.
template <class Rows, class Labels>
Split<Rows> split_by_group(const Dataset<Rows>& data, const Labels& labels,
                           const GroupSplitOptions& options = {}) {
    const Groups groups(labels);
    groups.require(data.examples(), "split_by_group");
    if (!(options.holdout > 0 && options.holdout < 1))
        throw std::invalid_argument("split_by_group: holdout = " + std::to_string(options.holdout) +
                                    " is not between 0 and 1");
    std::vector<std::int32_t> order(static_cast<std::size_t>(groups.count()));
    std::iota(order.begin(), order.end(), 0);
    Random random(options.seed);
    shuffle(std::span{order}, random);
    const double wanted = options.holdout * static_cast<double>(data.examples());
    double held = 0;
    std::vector<std::int32_t> train;
    std::vector<std::int32_t> held_out;
    for (const std::int32_t k : order) {
        const auto size = static_cast<double>(groups.size(k));
        const bool hold = std::abs(held + size - wanted) < std::abs(held - wanted);
        if (hold) held += size;
        std::vector<std::int32_t>& side = hold ? held_out : train;
        const Batch members = groups.members(k);
        side.insert(side.end(), members.begin(), members.end());
    }
    if (train.empty() || held_out.empty())
        throw std::invalid_argument("split_by_group: holdout = " + std::to_string(options.holdout) +
                                    " of " + std::to_string(data.examples()) + " examples in " +
                                    std::to_string(groups.count()) +
                                    " groups leaves one part empty");
    std::sort(train.begin(), train.end());
    std::sort(held_out.begin(), held_out.end());
    return {data.select(train), data.select(held_out)};
}

}  // namespace ermine
