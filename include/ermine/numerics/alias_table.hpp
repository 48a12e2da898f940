// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/random.hpp>

namespace ermine {

/// Draws numbers 0, …, n − 1 with given probabilities, each draw in the same few operations
/// (Walker, "An efficient method for generating discrete random variables with general
/// distributions", ACM TOMS 3, 1977; made in O(n) as by Vose, IEEE TSE 17, 1991).
class AliasTable {
public:
    /// Takes what the probabilities are in proportion to. Throws std::invalid_argument for none,
    /// more than 2^31 − 1, a negative one, and a sum that is not positive and finite.
    explicit AliasTable(std::vector<double> shares) : probabilities_(std::move(shares)) {
        const std::size_t n = probabilities_.size();
        double sum = 0;
        for (const double p : probabilities_) {
            if (!(p >= 0))
                throw std::invalid_argument("AliasTable: a probability is " + std::to_string(p));
            sum += p;
        }
        if (n > std::numeric_limits<std::int32_t>::max() || !(sum > 0) ||
            !(sum <= std::numeric_limits<double>::max()))
            throw std::invalid_argument("AliasTable: " + std::to_string(n) +
                                        " probabilities have the sum " + std::to_string(sum) +
                                        ": give at most 2147483647, with a sum that is positive "
                                        "and finite");
        std::vector<std::int32_t> small;
        std::vector<std::int32_t> large;
        keep_.resize(n);
        alias_.resize(n);
        for (std::size_t i = 0; i < n; ++i) {
            probabilities_[i] /= sum;
            keep_[i] = probabilities_[i] * static_cast<double>(n);
            alias_[i] = static_cast<std::int32_t>(i);
            (keep_[i] < 1 ? small : large).push_back(static_cast<std::int32_t>(i));
        }
        while (!small.empty() && !large.empty()) {
            const auto poor = static_cast<std::size_t>(small.back());
            const auto rich = static_cast<std::size_t>(large.back());
            small.pop_back();
            alias_[poor] = large.back();
            keep_[rich] -= 1 - keep_[poor];
            if (keep_[rich] < 1) {
                small.push_back(large.back());
                large.pop_back();
            }
        }
        // What is left is 1 but for rounding; yet what has no share must never be drawn.
        for (const auto* rest : {&small, &large})
            for (const std::int32_t i : *rest)
                if (probabilities_[static_cast<std::size_t>(i)] > 0)
                    keep_[static_cast<std::size_t>(i)] = 1;
        std::size_t sure = 0;
        while (probabilities_[sure] == 0) ++sure;
        for (std::size_t i = 0; i < n; ++i)
            if (probabilities_[i] == 0 && alias_[i] == static_cast<std::int32_t>(i))
                alias_[i] = static_cast<std::int32_t>(sure);
    }

    [[nodiscard]] Index size() const { return static_cast<Index>(alias_.size()); }

    /// Of number i, with the sum 1.
    [[nodiscard]] double probability(Index i) const {
        return probabilities_[static_cast<std::size_t>(i)];
    }

    /// A random number among 0, …, n − 1.
    [[nodiscard]] Index draw(Random& random) const {
        const auto column = static_cast<std::size_t>(random.below(alias_.size()));
        if (random.uniform() < keep_[column]) return static_cast<Index>(column);
        return alias_[column];
    }

private:
    std::vector<double> probabilities_;
    std::vector<double> keep_;  // the probability with which a column gives its own number
    std::vector<std::int32_t> alias_;
};

}  // namespace ermine
