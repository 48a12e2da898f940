// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <ermine/concepts/sampler.hpp>
#include <ermine/data/epoch.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/shuffle.hpp>

namespace ermine {

/// The pacing of Curriculum.
struct CurriculumOptions {
    double initial = 0.2;  ///< share of the examples, the easiest, that the first epoch draws from
    double epochs = 5;     ///< from this epoch on all examples are visited
    double power = 2;      ///< 1: the share grows evenly; 2: faster at first, as a square root
    std::uint64_t seed = 0;
};

/// Begins with easy examples and takes up harder ones (Bengio, Louradour, Collobert & Weston,
/// "Curriculum learning", ICML 2009): `Curriculum{scores, {.epochs = 10}}`, where a low score is
/// easy: the losses of a model trained before, or the lengths of sentences.
///
/// Epoch t draws from the share c(t) = min(1, (initial^p + (1 − initial^p) t/epochs)^(1/p)) of the
/// examples, p = power (Platanios et al., "Competence-based curriculum learning", NAACL 2019),
/// shuffled, round and round until as many are drawn as there are examples. Its batches are biased
/// before the epoch `epochs`; from then on each epoch visits each example once.
class Curriculum {
public:
    static constexpr bool each_once_an_epoch = false;
    static constexpr bool independent = false;
    static constexpr bool unbiased = false;

    struct State {
        Random random;
        Epoch epoch;
        std::vector<std::int32_t> round;  // scratch: those in use, in random order
        std::int64_t epochs = 0;          // that were begun

        auto fields() { return std::tie(random, epoch.rows, epoch.position, epochs); }
    };

    /// From one score an example, whatever `begin` and `end` run over. Throws std::invalid_argument
    /// for a score that is NaN, an initial share outside (0, 1], and powers and epochs <= 0.
    template <class Scores>
    explicit Curriculum(const Scores& scores, CurriculumOptions options = {}) : options_(options) {
        require_positive(options.initial, "CurriculumOptions.initial");
        require_between(options.initial, 0, 1, "CurriculumOptions.initial");
        require_positive(options.epochs, "CurriculumOptions.epochs");
        require_positive(options.power, "CurriculumOptions.power");
        const std::vector<double> values(scores.begin(), scores.end());
        for (std::size_t i = 0; i < values.size(); ++i)
            if (std::isnan(values[i]))
                throw std::invalid_argument("Curriculum: the score of example " +
                                            std::to_string(i) + " is not a number");
        std::vector<std::int32_t> order = Epoch{static_cast<Index>(values.size())}.rows;
        std::sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
            const double x = values[static_cast<std::size_t>(a)];
            const double y = values[static_cast<std::size_t>(b)];
            return x != y ? x < y : a < b;
        });
        order_ = std::make_shared<const std::vector<std::int32_t>>(std::move(order));
    }

    /// How many examples, the easiest, epoch t draws from; t counts from 0.
    [[nodiscard]] Index pool(std::int64_t t) const {
        const auto n = static_cast<double>(order_->size());
        const double done = static_cast<double>(t) / options_.epochs;
        if (done >= 1) return static_cast<Index>(order_->size());
        const double first = std::pow(options_.initial, options_.power);
        const double share = std::pow(first + (1 - first) * done, 1 / options_.power);
        // A little less: what the last bits of pow say must not decide.
        const double count = std::ceil(share * n - 1e-6);
        return static_cast<Index>(std::clamp(count, 1.0, n));
    }

    State start(Index examples) const {
        if (static_cast<std::size_t>(examples) != order_->size())
            throw std::invalid_argument(
                "Curriculum was made for " + std::to_string(order_->size()) +
                " examples, and is used on " + std::to_string(examples) + " examples");
        return {Random{options_.seed}, Epoch{examples}, *order_};
    }

    Batch draw(State& state, Index size) const {
        // refuses a bad size before shuffling
        if (!state.epoch.ahead(size).empty() && state.epoch.position == 0) arrange(state);
        return state.epoch.next(size);
    }

private:
    CurriculumOptions options_;
    std::shared_ptr<const std::vector<std::int32_t>> order_;  // from easy to hard

    void arrange(State& state) const {
        const auto used = static_cast<std::size_t>(pool(state.epochs++));
        const std::span<std::int32_t> round = std::span{state.round}.first(used);
        std::copy_n(order_->begin(), used, round.begin());
        std::span<std::int32_t> rows{state.epoch.rows};
        while (!rows.empty()) {
            shuffle(round, state.random);
            const std::size_t count = std::min(used, rows.size());
            std::copy_n(round.begin(), count, rows.begin());
            rows = rows.subspan(count);
        }
    }
};

static_assert(Sampler<Curriculum>);

}  // namespace ermine
