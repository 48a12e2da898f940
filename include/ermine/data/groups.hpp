// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// The examples 0, …, n − 1 sorted into groups, by a label for each: classes by their targets,
/// frames by the number of their video. Groups are numbered in increasing order of the labels;
/// inside a group the order of the examples is kept.
struct Groups {
    std::vector<std::int32_t> rows;      ///< all examples, group by group
    std::vector<std::int32_t> offsets;   ///< where each group begins in `rows`, and n at the end
    std::vector<std::int32_t> group_of;  ///< the group of each example

    /// From any vector of numbers. Throws std::invalid_argument for none, more than 2^31 − 1, or
    /// one that is not finite.
    template <class Labels>
        requires requires(const Labels& labels) { labels.begin() != labels.end(); }
    explicit Groups(const Labels& labels) {
        const std::vector<double> values(labels.begin(), labels.end());
        if (values.empty() || values.size() > std::numeric_limits<std::int32_t>::max())
            throw std::invalid_argument("Groups: " + std::to_string(values.size()) +
                                        " labels: give between 1 and 2147483647");
        for (std::size_t i = 0; i < values.size(); ++i)
            if (!std::isfinite(values[i]))
                throw std::invalid_argument("Groups: label " + std::to_string(i) + " is " +
                                            std::to_string(values[i]) + ": it must be finite");
        rows.resize(values.size());
        group_of.resize(values.size());
        std::iota(rows.begin(), rows.end(), 0);
        const auto label = [&](std::int32_t i) { return values[static_cast<std::size_t>(i)]; };
        std::sort(rows.begin(), rows.end(), [&](std::int32_t a, std::int32_t b) {
            return label(a) != label(b) ? label(a) < label(b) : a < b;
        });
        for (std::size_t k = 0; k < rows.size(); ++k) {
            if (k == 0 || label(rows[k]) != label(rows[k - 1]))
                offsets.push_back(static_cast<std::int32_t>(k));
            group_of[static_cast<std::size_t>(rows[k])] =
                static_cast<std::int32_t>(offsets.size()) - 1;
        }
        offsets.push_back(static_cast<std::int32_t>(rows.size()));
    }

    [[nodiscard]] Index examples() const { return static_cast<Index>(rows.size()); }

    /// How many groups there are.
    [[nodiscard]] Index count() const { return static_cast<Index>(offsets.size()) - 1; }

    /// How many examples group k has.
    [[nodiscard]] Index size(Index k) const {
        const auto at = static_cast<std::size_t>(k);
        return offsets[at + 1] - offsets[at];
    }

    /// The examples of group k.
    [[nodiscard]] Batch members(Index k) const {
        return members(std::span<const std::int32_t>(rows), k);
    }

    /// Of a list as long as `rows`, the part where group k lies.
    template <class T>
    [[nodiscard]] std::span<T> members(std::span<T> list, Index k) const {
        return list.subspan(static_cast<std::size_t>(offsets[static_cast<std::size_t>(k)]),
                            static_cast<std::size_t>(size(k)));
    }

    /// Throws std::invalid_argument unless a sampler is started for as many examples.
    void require(Index examples_asked, const char* sampler) const {
        if (examples_asked != examples())
            throw std::invalid_argument(std::string(sampler) + " was made for " +
                                        std::to_string(examples()) + " examples, and is used on " +
                                        std::to_string(examples_asked) + " examples");
    }
};

}  // namespace ermine
