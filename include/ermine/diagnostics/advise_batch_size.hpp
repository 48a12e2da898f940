// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <ermine/concepts/objective.hpp>
#include <ermine/data/shuffled_once.hpp>
#include <ermine/diagnostics/batch_advice.hpp>
#include <ermine/diagnostics/gradient_statistics.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/seconds_now.hpp>

namespace ermine {

/// Options of `advise_batch_size`.
struct BatchMeasurement {
    Index smallest = 1;            ///< rounded up to a power of two
    Index largest = 0;             ///< 0: all examples
    double seconds_a_size = 0.02;  ///< how long each size is measured, three batches at least
    std::uint64_t seed = 0;        ///< of the examples that batches are made of
};

/// Measures on this machine, with its threads, how long the gradient over batches of 1, 2, 4, 8, …
/// examples takes at θ, and weighs that against the noise of the gradient there:
///
///     std::cout << advise_batch_size(risk, theta);
///
/// The time of a size is the least of its measurements: what disturbs a run only adds to it.
/// Throws std::invalid_argument for sizes outside 1, …, n, and where `gradient_statistics` does.
template <class F, class V>
BatchAdvice advise_batch_size(const F& f, const V& theta, const BatchMeasurement& options = {}) {
    const auto n = static_cast<double>(f.examples());
    require_between(static_cast<double>(options.smallest), 1, n, "BatchMeasurement.smallest");
    if (options.largest != 0)
        require_between(static_cast<double>(options.largest), static_cast<double>(options.smallest),
                        n, "BatchMeasurement.largest");
    require_nonnegative(options.seconds_a_size, "BatchMeasurement.seconds_a_size");
    const GradientStatistics statistics = gradient_statistics(f, theta);
    BatchAdvice advice;
    advice.noise_scale = statistics.curved_noise_scale.value_or(statistics.noise_scale);
    const Index largest = options.largest == 0 ? f.examples() : options.largest;
    const ShuffledOnce sampler{.seed = options.seed};
    auto order = sampler.start(f.examples());
    V gradient(theta.size());
    Index size = 1;
    while (size < options.smallest) size *= 2;
    do {
        const Index b = std::min(size, largest);
        const Index batches = f.examples() / b;
        double best = std::numeric_limits<double>::infinity();
        const double begin = seconds_now();
        double end = begin;
        for (Index k = 0; k < 4 || end - begin < options.seconds_a_size; ++k) {
            const std::span<const std::int32_t> rows(order.epoch.rows);
            const Batch batch = rows.subspan(static_cast<std::size_t>(k % batches * b),
                                             static_cast<std::size_t>(b));
            const double before = seconds_now();
            f.value_and_gradient(theta, batch, gradient);
            end = seconds_now();
            // The first batch of a size makes memory; a clock may stand still for so short a time.
            if (k > 0) best = std::min(best, std::max(end - before, 1e-9));
        }
        advice.sizes.push_back(b);
        advice.seconds.push_back(best);
        size *= 2;
    } while (size <= largest);
    return advice;
}

}  // namespace ermine
