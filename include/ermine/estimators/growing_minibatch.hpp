// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/sampler.hpp>
#include <ermine/estimators/drawn_batch.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>

namespace ermine {

/// How the batches of `growing_minibatch` grow.
struct Growth {
    Index initial = 16;
    double factor = 2;  ///< by which the size is multiplied ...
    double epochs = 1;  ///< ... each time that so many epochs are drawn, by whole steps
    Index largest = 0;  ///< 0: up to all examples
};

/// Minibatches whose size grows geometrically, made by
/// `growing_minibatch(ShuffledEachEpoch{}, {.initial = 16, .factor = 2, .epochs = 1})`: cheap steps
/// while the gradient is long beside its noise, and less noise where it is short, at a constant
/// step (Friedlander & Schmidt, "Hybrid deterministic-stochastic methods for data fitting", SISC
/// 34, 2012; Smith, Kindermans, Ying & Le, "Don't decay the learning rate, increase the batch
/// size", ICLR 2018). After e epochs the size is min(largest, ⌈initial factor^⌊e/epochs⌋⌉).
template <Sampler S>
struct GrowingMinibatchOver {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;

    S sampler;
    Growth growth;

    struct State {
        DrawnBatch<S> batch;
        std::int64_t drawn = 0;  // examples, in all
        Index size = 0;          // of the last batch, before an epoch's end cut it
        auto fields() { return std::tie(batch, drawn, size); }
    };

    template <class F, class V>
    static consteval bool check() {
        return DrawnBatch<S>::template fits<SmoothPart<F>, V>();
    }

    /// Throws std::invalid_argument for sizes outside 1, …, n, `largest` below `initial`, a factor
    /// below 1 and epochs that are not positive.
    State start(const auto& f, const auto&) const {
        const Index n = f.examples();
        const auto require_size = [n](Index size, Index least, const char* option) {
            require_between(static_cast<double>(size), static_cast<double>(least),
                            static_cast<double>(n), option);
        };
        require_size(growth.initial, 1, "Growth.initial");
        if (growth.largest != 0) require_size(growth.largest, growth.initial, "Growth.largest");
        require_positive(growth.factor, "Growth.factor");
        require_between(growth.factor, 1, 1e9, "Growth.factor");
        require_positive(growth.epochs, "Growth.epochs");
        return {DrawnBatch<S>::start(sampler, n, most(n)), 0, growth.initial};
    }

    double draw(const auto& f, State& state) const {
        const auto n = static_cast<double>(f.examples());
        const double steps = std::floor(static_cast<double>(state.drawn) / n / growth.epochs);
        const double size = static_cast<double>(growth.initial) * std::pow(growth.factor, steps);
        const Index limit = most(f.examples());
        // A little less: what the last bits of pow say must not decide.
        state.size = size < static_cast<double>(limit)
                         ? static_cast<Index>(std::ceil(size * (1 - 1e-12)))
                         : limit;
        const Index count = state.batch.draw(sampler, state.size);
        state.drawn += count;
        return static_cast<double>(count) / n;
    }

    auto sample(const auto& f, const State& state) const { return state.batch.on(f); }

    double natural_step(const auto&) const {
        throw std::invalid_argument(
            "theory names no constant step for growing_minibatch: give Constant{.size = ...}");
    }

private:
    [[nodiscard]] Index most(Index examples) const {
        return growth.largest == 0 ? examples : growth.largest;
    }
};

/// Minibatches that grow, in the order of any sampler.
template <Sampler S>
GrowingMinibatchOver<S> growing_minibatch(S sampler, Growth growth = {}) {
    return {sampler, growth};
}

}  // namespace ermine
