// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/diagnostics/example_losses.hpp>
#include <ermine/numerics/quantile.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/objectives/risk_estimate.hpp>

namespace ermine {

/// Options of `compare_models`.
struct ComparisonOptions {
    Index resamples = 2000;
    double level = 0.95;
    std::uint64_t seed = 1;
};

/// Two models over the same examples. Made by `compare_models`.
struct ModelComparison {
    Index examples = 0;
    double first = 0;  ///< mean loss
    double second = 0;
    double difference = 0;      ///< first − second: negative where the first is better
    double standard_error = 0;  ///< of the difference, over pairs
    Interval interval{0, 0};    ///< of the difference, by the bootstrap's percentiles
    double level = 0.95;
    double first_better = 0;  ///< share of the resamples in which the first has the lower loss

    [[nodiscard]] bool differ() const { return interval.lower > 0 || interval.upper < 0; }

    friend std::ostream& operator<<(std::ostream& out, const ModelComparison& c) {
        char text[320];
        const bool lower = c.difference < 0;
        std::snprintf(text, sizeof text,
                      "first %.4g, second %.4g over %lld examples; difference %.3g ± %.1g, %g %% "
                      "interval %.3g to %.3g\nthe %s is better with probability %.3g%s\n",
                      c.first, c.second, static_cast<long long>(c.examples), c.difference,
                      c.standard_error, 100 * c.level, c.interval.lower, c.interval.upper,
                      lower ? "first" : "second", lower ? c.first_better : 1 - c.first_better,
                      c.differ() ? "" : ": these examples do not tell them apart");
        return out << text;
    }
};

/// The bootstrap over pairs (Efron & Tibshirani, "An introduction to the bootstrap", 1993, chapters
/// 8 and 13): examples are drawn with replacement, each with both of its losses. Resamples in which
/// both are equal count half. Throws std::invalid_argument for lists that do not fit, fewer than 2
/// examples, and losses that are not finite.
[[nodiscard]] inline ModelComparison compare_losses(const ExampleLosses& first,
                                                    const ExampleLosses& second,
                                                    const ComparisonOptions& options = {}) {
    const Index n = first.count();
    require_count(options.resamples, "ComparisonOptions.resamples");
    require_fraction(options.level, "ComparisonOptions.level");
    if (n != second.count() || n < 2)
        throw std::invalid_argument("compare_models: " + std::to_string(n) + " examples and " +
                                    std::to_string(second.count()) +
                                    ": judge both models on the same ones, 2 at least");
    if (!(first.weights == second.weights).all())
        throw std::invalid_argument(
            "compare_models: the examples have other weights, or lengths, for the second model: "
            "judge both on the same ones");
    if (!first.sums.allFinite() || !second.sums.allFinite())
        throw std::invalid_argument("compare_models: a loss of the " +
                                    std::string(first.sums.allFinite() ? "second" : "first") +
                                    " model is not finite");
    const ExampleLosses pairs = first.minus(second);
    ModelComparison result;
    result.examples = n;
    result.first = first.mean();
    result.second = second.mean();
    result.difference = pairs.mean();
    result.standard_error = pairs.standard_error();
    result.level = options.level;
    Random random{options.seed};
    std::vector<double> means(static_cast<std::size_t>(options.resamples));
    double wins = 0;
    for (double& mean : means) {
        double sum = 0;
        double weight = 0;
        for (Index k = 0; k < n; ++k) {
            const auto i = static_cast<Index>(random.below(static_cast<std::uint64_t>(n)));
            sum += pairs.sums[i];
            weight += pairs.weights[i];
        }
        mean = weight > 0 ? sum / weight : 0;
        wins += mean < 0 ? 1 : mean == 0 ? 0.5 : 0;
    }
    result.first_better = wins / static_cast<double>(options.resamples);
    const double tail = (1 - options.level) / 2;
    result.interval = {quantile(means, tail), quantile(means, 1 - tail)};
    return result;
}

/// Which of two models is better on the same examples, kept out of the training of both:
///
///     std::cout << compare_models(error_a, a, error_b, b);
///
/// by the losses of single examples, paired, as most of what makes losses differ is the examples
/// and not the models. Of sequences whole ones are drawn. The interval says what other examples
/// would say of these two parameter vectors, not what other training runs would. The same bits for
/// the same seed. Throws std::invalid_argument where the numbers of examples, their targets or
/// weights are not the same (inputs are not compared, nor the targets of sequences), and for losses
/// that are not finite.
template <class A, class X, class B, class Y>
[[nodiscard]] ModelComparison compare_models(const A& risk_a, const X& x, const B& risk_b,
                                             const Y& y, const ComparisonOptions& options = {}) {
    constexpr bool tells = TellsLosses<A, X> && TellsLosses<B, Y>;
    static_assert(tells,
                  "compare_models needs the losses of single examples: give the EmpiricalRisk of a "
                  "loss (ZeroOneLoss, not Accuracy), without a penalty");
    if constexpr (tells) {
        if constexpr (requires { risk_a.data().targets() == risk_b.data().targets(); })
            if (risk_a.examples() == risk_b.examples() &&
                !(risk_a.data().targets().array() == risk_b.data().targets().array()).all())
                throw std::invalid_argument(
                    "compare_models: the examples of the second model have other targets: judge "
                    "both on the same ones, in the same order");
        return compare_losses(example_losses(risk_a, x), example_losses(risk_b, y), options);
    }
    return {};
}

}  // namespace ermine
