// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/random.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace ermine {

/// `count` examples drawn with replacement, known a little ahead, so that their numbers are in the
/// cache in time. The draws are the same as if they were made one by one.
template <class Terms>
class ExampleDraws {
public:
    ExampleDraws(const Terms& terms, const std::vector<double>& slopes, Random& random, Index count)
        : terms_(terms), slopes_(slopes), random_(random), count_(count) {
        for (Index k = 0; k < std::min(ahead, count); ++k) draw(k);
    }

    /// The k-th, to be asked for in order.
    Index next(Index k) {
        const Index i = drawn_[static_cast<std::size_t>(k % ahead)];
        if (k + ahead < count_) draw(k + ahead);
        return i;
    }

private:
    static constexpr Index ahead = 2;

    const Terms& terms_;
    const std::vector<double>& slopes_;
    Random& random_;
    Index count_;
    std::array<std::int32_t, ahead> drawn_{};

    void draw(Index k) {
        const std::uint64_t i = random_.below(static_cast<std::uint64_t>(terms_.examples()));
        drawn_[static_cast<std::size_t>(k % ahead)] = static_cast<std::int32_t>(i);
        terms_.prefetch(static_cast<Index>(i));
        __builtin_prefetch(&slopes_[i], 1);
    }
};

/// The mean of the losses that a sweep of `count` steps meets, over a thousand of them: a loss
/// costs as much as the rest of a step.
class LossOnTheWay {
public:
    explicit LossOnTheWay(Index count) : stride_(std::max<Index>(1, count / 1024)) {}

    void see(Index k, const auto& loss) {
        if (k % stride_ != 0) return;
        sum_ += loss();
        ++seen_;
    }

    [[nodiscard]] double mean() const { return seen_ > 0 ? sum_ / static_cast<double>(seen_) : 0; }

private:
    Index stride_;
    double sum_ = 0;
    Index seen_ = 0;
};

}  // namespace ermine
