// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/sampler.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/estimators/on_batch.hpp>
#include <ermine/estimators/on_weighted_batch.hpp>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace ermine {

/// The average gradient over a batch of examples that a sampler draws: unbiased where the sampler
/// is, with standard error σ/√size (Goodfellow, Bengio & Courville 2016, eq. 5.46). The weights
/// that a sampler gives are applied. Made by `minibatch(sampler, {.size = 128})`.
template <class S>
struct MinibatchOver {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;

    S sampler;
    Index size;

    struct State {
        decltype(std::declval<const S&>().start(Index{})) sampler;
        std::vector<std::int32_t> rows;  // the batch in hand, as no pointer may be kept
        std::vector<double> weights;     // of a sampler that gives some
        auto fields() { return std::tie(sampler, rows, weights); }
    };

    template <class F, class V>
    static consteval bool check() {
        static_assert(FiniteSum<SmoothPart<F>, V>,
                      "Minibatch needs a sum over examples (EmpiricalRisk, finite_sum): use "
                      "FullGradient{} for any other function");
        if constexpr (WeightedSampler<S> && FiniteSum<SmoothPart<F>, V>) {
            static_assert(WeightedFiniteSum<SmoothPart<F>, V>,
                          "the sampler (Importance) gives its examples weights: the objective "
                          "needs f.value_and_gradient(x, WeightedBatch, g), as EmpiricalRisk and "
                          "finite_sum have it; or use a sampler without");
            return WeightedFiniteSum<SmoothPart<F>, V>;
        }
        return FiniteSum<SmoothPart<F>, V>;
    }

    /// Throws std::invalid_argument for a batch of 0 or of more examples than there are.
    State start(const auto& f, const auto&) const {
        const Index examples = f.examples();
        if (size < 1 || size > examples)
            throw std::invalid_argument("Minibatch.size is " + std::to_string(size) +
                                        ": it must lie between 1 and the number of examples, " +
                                        std::to_string(examples));
        State state{sampler.start(examples), {}, {}};
        state.rows.reserve(static_cast<std::size_t>(size));
        if constexpr (WeightedSampler<S>) state.weights.reserve(static_cast<std::size_t>(size));
        return state;
    }

    double draw(const auto& f, State& state) const {
        const auto drawn = sampler.draw(state.sampler, size);
        if constexpr (WeightedSampler<S>) {
            state.rows.assign(drawn.rows.begin(), drawn.rows.end());
            state.weights.assign(drawn.weights.begin(), drawn.weights.end());
        } else {
            state.rows.assign(drawn.begin(), drawn.end());
        }
        return static_cast<double>(drawn.size()) / static_cast<double>(f.examples());
    }

    template <class F>
    auto sample(const F& f, const State& state) const {
        if constexpr (WeightedSampler<S>)
            return OnWeightedBatch<F>{f, {state.rows, state.weights}};
        else
            return OnBatch<F>{f, state.rows};
    }

    double natural_step(const auto&) const {
        throw std::invalid_argument(
            "theory names no constant step for Minibatch: give Constant{.size = ...} or a schedule "
            "such as Cosine{.initial = 0.1}");
    }
};

/// The average gradient over `size` examples, each example once an epoch, shuffled anew each epoch.
struct Minibatch {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;

    Index size = 32;
    std::uint64_t seed = 0;

    using Over = MinibatchOver<ShuffledEachEpoch>;
    using State = Over::State;

    template <class F, class V>
    static consteval bool check() {
        return Over::check<F, V>();
    }

    [[nodiscard]] Over over() const { return {ShuffledEachEpoch{.seed = seed}, size}; }
    State start(const auto& f, const auto& x) const { return over().start(f, x); }
    double draw(const auto& f, State& state) const { return over().draw(f, state); }
    auto sample(const auto& f, const State& state) const { return over().sample(f, state); }
    double natural_step(const auto& f) const { return over().natural_step(f); }
};

/// Options of `minibatch`.
struct BatchSize {
    Index size = 32;
};

/// Minibatches in the order of any sampler: `minibatch(WithReplacement{.seed = 7}, {.size = 64})`.
template <Sampler S>
MinibatchOver<S> minibatch(S sampler, BatchSize batch = {}) {
    return {sampler, batch.size};
}

}  // namespace ermine
