// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/sampler.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/scratch.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <tuple>
#include <vector>

namespace ermine {

/// A finite sum on several batches, one after the other: the mean over all their examples.
template <class F, class V>
struct OnBatches {
    const F& f;
    Batch rows;
    const std::vector<std::size_t>& ends;  // of the batches, in rows
    const Scratch<V>& one;                 // the gradient of one

    double value_and_gradient(const V& x, V& gradient) const {
        gradient.setZero(x.size());
        double value = 0;
        std::size_t begin = 0;
        for (const std::size_t end : ends) {
            const Batch batch = rows.subspan(begin, end - begin);
            const double share =
                static_cast<double>(batch.size()) / static_cast<double>(rows.size());
            one->resize(x.size());
            value += share * static_cast<double>(f.value_and_gradient(x, batch, *one));
            gradient += static_cast<typename V::Scalar>(share) * *one;
            begin = end;
        }
        return value;
    }
};

/// Gradient accumulation: the average gradient of `batches` minibatches, evaluated one after the
/// other, for one step: a batch of batches · size examples where no more than `size` fit at once.
/// Made by `accumulated(sampler, {.size = 32, .batches = 4})`.
template <class S>
struct AccumulatedOver {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;

    S sampler;
    Index size;
    Index batches;

    template <class V>
    struct State {
        typename S::State sampler;
        std::vector<std::int32_t> rows;
        std::vector<std::size_t> ends;
        Scratch<V> one;
        auto fields() { return std::tie(sampler, rows, ends); }
    };

    template <class F, class V>
    static consteval bool check() {
        static_assert(!WeightedSampler<S>,
                      "Accumulated takes the mean of its batches, and this sampler (Importance) "
                      "gives its examples weights: use minibatch(sampler, {.size = ...})");
        static_assert(FiniteSum<SmoothPart<F>, V>,
                      "Accumulated needs a sum over examples (EmpiricalRisk, finite_sum): use "
                      "FullGradient{} for any other function");
        return !WeightedSampler<S> && FiniteSum<SmoothPart<F>, V>;
    }

    /// Throws std::invalid_argument for a batch of 0 or of more examples than there are, and for
    /// batches < 1.
    template <class V>
    State<V> start(const auto& f, const V& x) const {
        require_batch(size, f.examples(), "Accumulated.size");
        require_count(batches, "Accumulated.batches");
        State<V> state{sampler.start(f.examples()), {}, {}, {}};
        state.rows.reserve(static_cast<std::size_t>(size * batches));
        state.ends.reserve(static_cast<std::size_t>(batches));
        *state.one = x;
        return state;
    }

    double draw(const auto& f, auto& state) const {
        state.rows.clear();
        state.ends.clear();
        for (Index k = 0; k < batches; ++k) {
            const Batch drawn = sampler.draw(state.sampler, size);
            state.rows.insert(state.rows.end(), drawn.begin(), drawn.end());
            state.ends.push_back(state.rows.size());
        }
        return static_cast<double>(state.rows.size()) / static_cast<double>(f.examples());
    }

    template <class F, class V>
    OnBatches<F, V> sample(const F& f, const State<V>& state) const {
        return {f, state.rows, state.ends, state.one};
    }

    double natural_step(const auto&) const {
        throw std::invalid_argument(
            "theory names no constant step for Accumulated: give Constant{.size = ...} or a "
            "schedule such as Cosine{.initial = 0.1}");
    }
};

/// The average gradient over `batches` batches of `size` examples, each example once an epoch,
/// shuffled anew each epoch.
struct Accumulated {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;

    Index size = 32;
    Index batches = 4;
    std::uint64_t seed = 0;

    using Over = AccumulatedOver<ShuffledEachEpoch>;

    template <class F, class V>
    static consteval bool check() {
        return Over::check<F, V>();
    }

    [[nodiscard]] Over over() const { return {ShuffledEachEpoch{.seed = seed}, size, batches}; }
    auto start(const auto& f, const auto& x) const { return over().start(f, x); }
    double draw(const auto& f, auto& state) const { return over().draw(f, state); }
    auto sample(const auto& f, const auto& state) const { return over().sample(f, state); }
    double natural_step(const auto& f) const { return over().natural_step(f); }
};

/// Options of `accumulated`.
struct AccumulatedBatches {
    Index size = 32;
    Index batches = 4;
};

/// Accumulated minibatches in the order of any sampler.
template <Sampler S>
AccumulatedOver<S> accumulated(S sampler, AccumulatedBatches options = {}) {
    return {sampler, options.size, options.batches};
}

}  // namespace ermine
