// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <ermine/data/dataset.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// A text as numbers: characters are bytes, and the k-th of the alphabet, in ascending order, is k.
struct Text {
    std::string alphabet;
    std::vector<std::int32_t> characters;

    [[nodiscard]] Index size() const { return static_cast<Index>(characters.size()); }

    /// Numbers as characters. Throws std::out_of_range for one outside the alphabet.
    [[nodiscard]] std::string spell(std::span<const std::int32_t> numbers) const {
        std::string written;
        for (const std::int32_t k : numbers) written += alphabet.at(static_cast<std::size_t>(k));
        return written;
    }

    /// Characters as numbers. Throws std::invalid_argument for one outside the alphabet.
    [[nodiscard]] std::vector<std::int32_t> read(std::string_view written) const {
        std::vector<std::int32_t> numbers;
        for (const char c : written) {
            const std::size_t k = alphabet.find(c);
            if (k == std::string::npos)
                throw std::invalid_argument("Text::read: the text has no character of code " +
                                            std::to_string(static_cast<unsigned char>(c)));
            numbers.push_back(static_cast<std::int32_t>(k));
        }
        return numbers;
    }
};

/// Makes a Text. Throws std::invalid_argument for fewer than two characters.
inline Text as_text(std::string_view written) {
    if (written.size() < 2)
        throw std::invalid_argument("as_text: a text of " + std::to_string(written.size()) +
                                    " characters has none that follows another");
    std::array<bool, 256> seen{};
    for (const char c : written) seen[static_cast<unsigned char>(c)] = true;
    Text text;
    std::array<std::int32_t, 256> number{};
    for (std::size_t c = 0; c < seen.size(); ++c) {
        if (!seen[c]) continue;
        number[c] = static_cast<std::int32_t>(text.alphabet.size());
        text.alphabet += static_cast<char>(static_cast<unsigned char>(c));
    }
    for (const char c : written) text.characters.push_back(number[static_cast<unsigned char>(c)]);
    return text;
}

/// A step for each character of a part of a text, from such a share of it to another: the feature
/// is the character before it, the target is the character. The first of a text has none before it.
///
///     next_characters<float>(text, 0, 0.9)    // to learn from
///     next_characters<float>(text, 0.9, 1)    // to judge by: no character is in both
template <class T = float>
Dataset<DenseRows<T>> next_characters(const Text& text, double from = 0, double to = 1) {
    require_between(from, 0, to, "next_characters: from");
    require_between(to, from, 1, "next_characters: to");
    const auto place = [&](double share) {
        return std::llround(share * static_cast<double>(text.size()));
    };
    const Index first = std::max<Index>(place(from), 1);
    const Index count = place(to) - first;
    if (count < 1)
        throw std::invalid_argument("next_characters: from " + in_digits(from) + " to " +
                                    in_digits(to) + " of a text of " + std::to_string(text.size()) +
                                    " there is no character that follows another");
    Eigen::Matrix<T, Eigen::Dynamic, 1> before(count);
    Eigen::VectorXd next(count);
    for (Index i = 0; i < count; ++i) {
        const auto at = static_cast<std::size_t>(first + i);
        before[i] = static_cast<T>(text.characters[at - 1]);
        next[i] = static_cast<double>(text.characters[at]);
    }
    return {before, next};
}

}  // namespace ermine
