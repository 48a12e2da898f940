// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/sampler.hpp>
#include <ermine/estimators/on_batch.hpp>
#include <ermine/estimators/on_weighted_batch.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

namespace ermine {

/// A sampler's state with the batch in hand: copied, as a state may have no pointers.
template <Sampler S>
struct DrawnBatch {
    typename S::State sampler;
    std::vector<std::int32_t> rows;
    std::vector<double> weights;  ///< of a sampler that gives some

    auto fields() { return std::tie(sampler, rows, weights); }

    /// For batches of up to `largest` out of so many examples.
    static DrawnBatch start(const S& sampler, Index examples, Index largest) {
        DrawnBatch batch{sampler.start(examples), {}, {}};
        batch.rows.reserve(static_cast<std::size_t>(largest));
        if constexpr (WeightedSampler<S>) batch.weights.reserve(static_cast<std::size_t>(largest));
        return batch;
    }

    /// The next `size` examples, or what is left of the sampler's epoch; returns how many.
    Index draw(const S& from, Index size) {
        const auto drawn = from.draw(sampler, size);
        if constexpr (WeightedSampler<S>) {
            rows.assign(drawn.rows.begin(), drawn.rows.end());
            weights.assign(drawn.weights.begin(), drawn.weights.end());
        } else {
            rows.assign(drawn.begin(), drawn.end());
        }
        return static_cast<Index>(rows.size());
    }

    /// f on the batch.
    template <class F>
    auto on(const F& f) const {
        return part(f, 0, static_cast<Index>(rows.size()));
    }

    /// f on `count` of its examples, from `first` on.
    template <class F>
    auto part(const F& f, Index first, Index count) const {
        const auto begin = static_cast<std::size_t>(first);
        const auto size = static_cast<std::size_t>(count);
        const Batch some = Batch(rows).subspan(begin, size);
        if constexpr (WeightedSampler<S>)
            return OnWeightedBatch<F>{f, {some, std::span(weights).subspan(begin, size)}};
        else
            return OnBatch<F>{f, some};
    }

    /// Whether f can be evaluated on batches of the sampler. Prints one sentence at most.
    template <class F, class V>
    static consteval bool fits() {
        if constexpr (WeightedSampler<S> && FiniteSum<F, V>) {
            static_assert(WeightedFiniteSum<F, V>,
                          "the sampler (Importance) gives its examples weights: the objective "
                          "needs f.value_and_gradient(x, WeightedBatch, g), as EmpiricalRisk and "
                          "finite_sum have it; or use a sampler without");
            return WeightedFiniteSum<F, V>;
        } else {
            static_assert(FiniteSum<F, V>,
                          "Minibatch needs a sum over examples (EmpiricalRisk, finite_sum): use "
                          "FullGradient{} for any other function");
            return FiniteSum<F, V>;
        }
    }
};

}  // namespace ermine
