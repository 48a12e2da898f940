// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdio>
#include <ostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <ermine/concepts/vector.hpp>

namespace ermine {

/// Which batch size gets furthest in a given time: what a batch costs on a machine, against what it
/// gains by the noise of the gradient. Made by `advise_batch_size`, or of figures from elsewhere.
///
/// With B the noise scale, 1 + B/b times as many steps are needed with batches of b as with all
/// examples (McCandlish et al. 2018, section 2), so that the time to the goal is in
/// proportion to t(b) (1 + B/b): the shortest is advised.
struct BatchAdvice {
    std::vector<Index> sizes;     ///< increasing
    std::vector<double> seconds;  ///< of a gradient over a batch of that size
    double noise_scale = 0;

    /// Time to the goal with the k-th size, relative to the best of them.
    [[nodiscard]] double relative_time(std::size_t k) const { return time(k) / time(best()); }

    /// The size with which the goal is reached soonest; the smallest of equals.
    [[nodiscard]] Index size() const { return sizes[best()]; }

    /// The smallest size at which an example costs at most `slack` times what it costs at its
    /// cheapest: below it a machine with many cores, caches and calls is not made use of.
    [[nodiscard]] Index machine_minimum(double slack = 1.25) const {
        check();
        const auto cost = [this](std::size_t k) {
            return seconds[k] / static_cast<double>(sizes[k]);
        };
        double least = cost(0);
        for (std::size_t k = 1; k < sizes.size(); ++k) least = std::fmin(least, cost(k));
        std::size_t k = 0;
        while (cost(k) > slack * least) ++k;
        return sizes[k];
    }

    /// Throws std::invalid_argument unless there are sizes, increasing, with a positive time each.
    void check() const {
        bool sound = !sizes.empty() && sizes.size() == seconds.size() && noise_scale >= 0;
        for (std::size_t k = 0; sound && k < sizes.size(); ++k)
            sound = sizes[k] > (k == 0 ? 0 : sizes[k - 1]) && seconds[k] > 0 &&
                    std::isfinite(seconds[k]);
        if (!sound)
            throw std::invalid_argument(
                "BatchAdvice: give increasing sizes, a positive time for each, and a noise scale "
                "that is not negative");
    }

    friend std::ostream& operator<<(std::ostream& out, const BatchAdvice& a) {
        out << "   batch  microseconds  ns an example  time to the goal\n";
        for (std::size_t k = 0; k < a.sizes.size(); ++k) {
            char line[128];
            std::snprintf(line, sizeof line, "%8lld  %12.3g  %13.3g  %16.3g%s\n",
                          static_cast<long long>(a.sizes[k]), 1e6 * a.seconds[k],
                          1e9 * a.seconds[k] / static_cast<double>(a.sizes[k]), a.relative_time(k),
                          a.sizes[k] == a.size() ? "  <- advised" : "");
            out << line;
        }
        char line[128];
        std::snprintf(line, sizeof line, "noise scale %.4g, machine minimum %lld\n", a.noise_scale,
                      static_cast<long long>(a.machine_minimum()));
        return out << line;
    }

private:
    /// t(b) (1 + B/b); t(b)/b where the noise is infinite, as at a stationary point.
    [[nodiscard]] double time(std::size_t k) const {
        const auto b = static_cast<double>(sizes[k]);
        if (std::isinf(noise_scale)) return seconds[k] / b;
        return seconds[k] * (1 + noise_scale / b);
    }

    [[nodiscard]] std::size_t best() const {
        check();
        std::size_t chosen = 0;
        for (std::size_t k = 1; k < sizes.size(); ++k)
            if (time(k) < time(chosen)) chosen = k;
        return chosen;
    }
};

}  // namespace ermine
