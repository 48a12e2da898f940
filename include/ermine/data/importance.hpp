// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <ermine/concepts/sampler.hpp>
#include <ermine/data/epoch.hpp>
#include <ermine/numerics/alias_table.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>

namespace ermine {

/// Options of Importance.
struct ImportanceOptions {
    /// Mixes uniform draws in: p = (1 − uniform) score / Σ scores + uniform / n. Then no weight is
    /// above 1/uniform (Hesterberg, "Weighted average importance sampling and defensive mixture
    /// distributions", Technometrics 37, 1995).
    double uniform = 0;
    /// Examples of score 0 have no gradient anywhere, and need not be seen.
    bool skip_zeros = false;
    std::uint64_t seed = 0;
};

/// Draws example i independently with a probability pᵢ in proportion to its score, and gives it the
/// weight 1/(n pᵢ), with which the estimate is unbiased for any scores. The variance is least where
/// the score is the length of the example's gradient (`gradient_lengths(risk, θ)`); a bound that
/// does not depend on θ is its Lipschitz constant (`example_smoothness(risk)`): Zhao & Zhang,
/// "Stochastic optimization with importance sampling", ICML 2015; Needell, Srebro &
/// Ward, "Stochastic gradient descent, weighted sampling, and the randomized Kaczmarz algorithm",
/// 2014.
///
///     minibatch(Importance{example_smoothness(risk), {.uniform = 0.5}}, {.size = 32})
///
/// A draw costs the same for any n (see AliasTable).
class Importance {
public:
    static constexpr bool each_once_an_epoch = false;
    static constexpr bool independent = true;
    static constexpr bool unbiased = true;

    struct State {
        Random random;
        Epoch epoch;                  // its rows are scratch
        std::vector<double> weights;  // scratch, beside the rows

        auto fields() { return std::tie(random, epoch.position); }
    };

    /// From one score an example, whatever `begin` and `end` run over. Throws
    /// std::invalid_argument for a score that is negative or not finite, and for one of 0, or with
    /// a probability that rounds to 0, unless uniform draws are mixed in or, for the 0,
    /// `skip_zeros` is set: the example would never be seen.
    template <class Scores>
    explicit Importance(const Scores& scores, ImportanceOptions options = {})
        : seed_(options.seed) {
        require_between(options.uniform, 0, 1, "ImportanceOptions.uniform");
        std::vector<double> p(scores.begin(), scores.end());
        double sum = 0;
        for (std::size_t i = 0; i < p.size(); ++i) {
            if (!(p[i] >= 0) || !std::isfinite(p[i]))
                throw std::invalid_argument("Importance: the score of example " +
                                            std::to_string(i) + " is " + in_digits(p[i]) +
                                            ": scores are finite and not negative");
            if (p[i] == 0 && options.uniform == 0 && !options.skip_zeros)
                throw std::invalid_argument(
                    "Importance: the score of example " + std::to_string(i) +
                    " is 0: it would never be seen, and the estimate be biased; mix in "
                    ".uniform = 0.1, or say .skip_zeros = true if its gradient is 0 everywhere");
            sum += p[i];
        }
        if (!(sum > 0) || !std::isfinite(sum))
            throw std::invalid_argument("Importance: the sum of the " + std::to_string(p.size()) +
                                        " scores is " + std::to_string(sum) +
                                        ": it must be positive and finite");
        const double n = static_cast<double>(p.size());
        for (std::size_t i = 0; i < p.size(); ++i) {
            const double score = p[i];
            p[i] = (1 - options.uniform) * (score / sum) + options.uniform / n;
            if (score > 0 && !std::isnormal(p[i]))  // its weight, 1/(n p), would be infinite
                throw std::invalid_argument("Importance: the score of example " +
                                            std::to_string(i) + " is " + in_digits(score) +
                                            ", too small beside the sum, " + in_digits(sum) +
                                            ": it would never be seen; mix in .uniform = 0.1");
        }
        table_ = std::make_shared<const AliasTable>(std::move(p));
    }

    /// The probability that a draw is example i.
    [[nodiscard]] double probability(Index i) const { return table_->probability(i); }

    State start(Index examples) const {
        if (examples != table_->size())
            throw std::invalid_argument(
                "Importance was made for " + std::to_string(table_->size()) +
                " examples, and is used on " + std::to_string(examples) + " examples");
        return {Random{seed_}, Epoch{examples},
                std::vector<double>(static_cast<std::size_t>(examples))};
    }

    WeightedBatch draw(State& state, Index size) const {
        const std::span<std::int32_t> rows = state.epoch.ahead(size);
        const auto n = static_cast<double>(table_->size());
        const std::span<double> weights = std::span{state.weights}.first(rows.size());
        for (std::size_t k = 0; k < rows.size(); ++k) {
            const Index i = table_->draw(state.random);
            rows[k] = static_cast<std::int32_t>(i);
            weights[k] = 1 / (n * table_->probability(i));
        }
        return {state.epoch.next(size), weights};
    }

private:
    std::uint64_t seed_;
    std::shared_ptr<const AliasTable> table_;
};

static_assert(WeightedSampler<Importance>);

}  // namespace ermine
