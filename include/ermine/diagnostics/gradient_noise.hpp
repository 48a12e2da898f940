// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <numeric>
#include <optional>
#include <ostream>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/concepts/objective.hpp>
#include <ermine/diagnostics/distinct_examples_of.hpp>
#include <ermine/diagnostics/vector_sample.hpp>
#include <ermine/numerics/estimate.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/shuffle.hpp>
#include <ermine/objectives/risk_estimate.hpp>

namespace ermine {

/// Options of `gradient_noise`.
struct GradientNoiseOptions {
    Index batch = 1;      ///< examples that one gradient is taken of
    Index batches = 256;  ///< at most; no two share an example
    std::uint64_t seed = 1;
};

/// The noise of gradients at one point, estimated from some batches. Made by `gradient_noise`.
struct GradientNoise {
    Index examples = 0;     ///< of the sum
    Index batch = 1;        ///< that gradients were taken of
    Index batches = 0;      ///< that were looked at
    Estimate variance;      ///< tr Σ of an example's gradient
    Estimate squared_norm;  ///< ‖∇F‖²; may be negative within its error
    /// B = tr Σ / ‖∇F‖² (McCandlish, Kaplan, Amodei et al., "An empirical model of large-batch
    /// training", 2018, section 2.2), infinite where no norm is left above the noise; and its 95 %
    /// interval, which ends nowhere where the data cannot tell.
    double scale = 0;
    Interval scale_interval{0, 0};
    /// How many of the examples differ from one another, where the function says what they are.
    std::optional<Index> distinct;

    /// Gradient diversity Σ ‖gᵢ‖² / ‖Σ gᵢ‖² = (1 + B) / n (Yin, Pananjady, Lam, Papailiopoulos,
    /// Ramchandran & Bartlett, "Gradient diversity: a key ingredient for scalable distributed
    /// learning", AISTATS 2018, definition 1): 1/n if all gradients are the same, 1 if they are
    /// orthogonal. n times that bounds the batches that pay.
    [[nodiscard]] double diversity() const { return (1 + scale) / static_cast<double>(examples); }
    [[nodiscard]] Interval diversity_interval() const {
        const auto n = static_cast<double>(examples);
        return {(1 + scale_interval.lower) / n, (1 + scale_interval.upper) / n};
    }

    /// The share of the examples that repeat another: 0 if all differ, or if it is not known.
    [[nodiscard]] double redundancy() const {
        return distinct ? 1 - static_cast<double>(*distinct) / static_cast<double>(examples) : 0;
    }

    /// How much of the best step one with batches of b gains, 1 / (1 + B/b) (McCandlish et al.,
    /// section 2.2).
    [[nodiscard]] double efficiency(Index b) const {
        require_count(b, "GradientNoise::efficiency: the batch");
        return 1 / (1 + scale / static_cast<double>(b));
    }

    friend std::ostream& operator<<(std::ostream& out, const GradientNoise& g) {
        const auto number = [](double value, double error) {
            return std::isfinite(value) ? in_digits(value, error) : std::string("endless");
        };
        const double width = g.scale_interval.upper - g.scale_interval.lower;
        out << "gradient noise over " << g.batches << " batches of " << g.batch << " of "
            << g.examples << " examples\n  variance of an example " << g.variance
            << ", squared norm of the gradient " << g.squared_norm << "\n  noise scale "
            << number(g.scale, width / 20);
        if (width > 0)
            out << ", 95 % interval " << number(g.scale_interval.lower, width / 20) << " to "
                << number(g.scale_interval.upper, width / 20);
        out << "; diversity " << number(g.diversity(), width / 20 / static_cast<double>(g.examples))
            << '\n';
        if (!std::isfinite(g.scale_interval.upper))
            out << "  the gradient is lost in the noise of these batches: take more\n";
        if (g.distinct && *g.distinct < g.examples) {
            char text[80];
            std::snprintf(text, sizeof text, "  %.3g %% of the examples repeat another\n",
                          100 * g.redundancy());
            out << text;
        }
        return out;
    }
};

/// The noise scale and the diversity of the gradients of f's examples at x, with errors, from the
/// gradients over disjoint batches drawn at random: f's own, in training where f tells the two
/// apart. Two passes over the batches, no memory for each. Batches of one example that are all
/// there are give the numbers themselves, without error, as `gradient_statistics`; larger ones cost
/// less an example, and estimate by how batches differ. Throws std::invalid_argument where fewer
/// than 3 batches can be had, and for gradients that are not finite.
template <class F, class V>
[[nodiscard]] GradientNoise gradient_noise(const F& f, const V& x,
                                           const GradientNoiseOptions& options = {}) {
    constexpr bool sum = FiniteSum<F, V>;
    static_assert(sum,
                  "gradient_noise needs a sum over examples (EmpiricalRisk, finite_sum), and "
                  "parameters of its type");
    GradientNoise result;
    if constexpr (sum) {
        const Index n = f.examples();
        require_count(options.batch, "GradientNoiseOptions.batch");
        require_count(options.batches, "GradientNoiseOptions.batches");
        const Index count = std::min(options.batches, n / options.batch);
        if (count < 3)
            throw std::invalid_argument("gradient_noise: " + std::to_string(count) +
                                        " batches of " + std::to_string(options.batch) + " of " +
                                        std::to_string(n) +
                                        " examples: at least 3 must be looked at");
        std::vector<std::int32_t> order(static_cast<std::size_t>(n));
        std::iota(order.begin(), order.end(), 0);
        Random random{options.seed};
        shuffle(std::span{order}, random);
        const auto size = static_cast<std::size_t>(options.batch);
        bool finite = true;
        const VectorSample sample = sample_vectors(count, x, [&](Index k, V& g) {
            const Batch rows(order.data() + static_cast<std::size_t>(k) * size, size);
            f.value_and_gradient(x, rows, g);
            finite = finite && g.allFinite();
        });
        if (!finite)
            throw std::invalid_argument("gradient_noise: the gradient is not finite there");
        const auto b = static_cast<double>(options.batch);
        const auto all = static_cast<double>(n);
        const double unseen = 1 - b * static_cast<double>(count) / all;
        // what is left to chance when the batches themselves are
        const double scale = options.batch == 1 ? std::sqrt(unseen) : 1;
        const double share = b * (all - 1) / all;  // Σ has n, not n − 1, in its denominator
        result.examples = n;
        result.batch = options.batch;
        result.batches = count;
        const Estimate spread = sample.spread_estimate(scale);
        result.variance = {share * spread.value, share * spread.error};
        result.squared_norm = sample.square_estimate(unseen, std::sqrt(unseen));
        result.scale = spread.value == 0 ? 0
                       : result.squared_norm.value > 0
                           ? result.variance.value / result.squared_norm.value
                           : std::numeric_limits<double>::infinity();
        const Interval ratio = sample.ratio_interval(unseen, scale);
        result.scale_interval =
            spread.value == 0 ? Interval{0, 0} : Interval{share * ratio.lower, share * ratio.upper};
        result.distinct = distinct_examples_of(f);
    }
    return result;
}

}  // namespace ermine
