// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/data/groups.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/shuffle.hpp>

namespace ermine {

/// How to cut examples into folds.
struct FoldOptions {
    Index folds = 5;
    std::uint64_t seed = 7;
    /// Gives each fold its share of each class. Targets count as classes as in SplitOptions.
    bool stratified = true;
    /// A label an example of the group it belongs to, which is never cut; empty: no groups.
    std::vector<double> groups = {};
};

/// The examples of each fold, in the order of the data; each example is in one of them. The same on
/// every platform for the same seed.
///
/// Without groups, folds differ by at most one example, and by at most one of each class. Groups
/// are taken from the largest to the smallest, in random order where they are equal, each to the
/// fold that has least of what it brings (of its classes, each relative to its size; of examples
/// where not stratified). Throws std::invalid_argument for fewer than 2 folds, more folds than
/// there are examples, groups or, stratified without groups, examples of some class, and for groups
/// that are not one label an example.
template <class Rows>
std::vector<std::vector<std::int32_t>> folds(const Dataset<Rows>& data,
                                             const FoldOptions& options = {}) {
    const Index n = data.examples();
    const Index count = options.folds;
    const auto refuse = [&](const std::string& why) {
        throw std::invalid_argument("folds: " + std::to_string(count) + " folds " + why);
    };
    if (count < 2) refuse("are too few: give at least 2");
    if (count > n) refuse("of " + std::to_string(n) + " examples: give fewer folds");

    std::map<double, std::vector<std::int32_t>> classes;
    const auto gather = [&](bool by_class) {
        classes.clear();
        for (Index i = 0; i < n; ++i) {
            const double y = data.targets()[i];
            classes[by_class ? y : 0].push_back(static_cast<std::int32_t>(i));
            if (by_class && (y != std::floor(y) || classes.size() > 100)) return false;
        }
        return 2 * static_cast<Index>(classes.size()) <= n;
    };
    const bool by_class = options.stratified && gather(true);
    if (!by_class) gather(false);

    Random random(options.seed);
    std::vector<std::vector<std::int32_t>> result(static_cast<std::size_t>(count));
    if (options.groups.empty()) {
        std::size_t next = 0;  // goes on from class to class, so that the sizes are even, too
        for (auto& [target, members] : classes) {
            const auto size = static_cast<Index>(members.size());
            if (size < count)
                refuse("of " + std::to_string(size) + " examples of class " +
                       std::to_string(static_cast<std::int64_t>(target)) +
                       ": give fewer folds, or .stratified = false");
            shuffle(std::span<std::int32_t>(members), random);
            for (const std::int32_t i : members) result[next++ % result.size()].push_back(i);
        }
    } else {
        const Groups groups(options.groups);
        groups.require(n, "folds");
        if (groups.count() < count)
            refuse("of " + std::to_string(groups.count()) + " groups: give fewer folds");
        std::vector<std::size_t> class_of(static_cast<std::size_t>(n));
        std::vector<double> share;
        for (const auto& [target, members] : classes) {
            for (const std::int32_t i : members)
                class_of[static_cast<std::size_t>(i)] = share.size();
            share.push_back(1 / static_cast<double>(members.size()));
        }
        std::vector<std::int32_t> order(static_cast<std::size_t>(groups.count()));
        std::iota(order.begin(), order.end(), 0);
        shuffle(std::span{order}, random);
        std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
            return groups.size(a) > groups.size(b);
        });
        std::vector<std::vector<double>> has(result.size(), std::vector<double>(share.size()));
        for (const std::int32_t k : order) {
            const auto cost = [&](std::size_t fold) {
                double sum = 0;
                for (const std::int32_t i : groups.members(k)) {
                    const std::size_t c = class_of[static_cast<std::size_t>(i)];
                    sum += has[fold][c] * share[c] * share[c];
                }
                return sum;
            };
            std::size_t best = 0;
            for (std::size_t fold = 1; fold < result.size(); ++fold) {
                const double less = cost(fold) - cost(best);
                if (less < 0 || (less == 0 && result[fold].size() < result[best].size()))
                    best = fold;
            }
            for (const std::int32_t i : groups.members(k)) {
                result[best].push_back(i);
                has[best][class_of[static_cast<std::size_t>(i)]] += 1;
            }
        }
        for (const auto& fold : result)
            if (fold.empty()) refuse("of such large groups leave one empty: give fewer folds");
    }
    for (auto& fold : result) std::sort(fold.begin(), fold.end());
    return result;
}

}  // namespace ermine
