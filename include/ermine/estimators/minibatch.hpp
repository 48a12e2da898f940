// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/sampler.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/estimators/drawn_batch.hpp>
#include <ermine/numerics/require.hpp>

#include <cstdint>
#include <stdexcept>

namespace ermine {

/// The average gradient over a batch of examples that a sampler draws: unbiased where the sampler
/// is, with standard error σ/√size (Goodfellow, Bengio & Courville 2016, eq. 5.46). The weights
/// that a sampler gives are applied. Made by `minibatch(sampler, {.size = 128})`.
template <Sampler S>
struct MinibatchOver {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;

    S sampler;
    Index size;

    using State = DrawnBatch<S>;

    template <class F, class V>
    static consteval bool check() {
        return State::template fits<SmoothPart<F>, V>();
    }

    /// Throws std::invalid_argument for a batch of 0 or of more examples than there are.
    State start(const auto& f, const auto&) const {
        require_batch(size, f.examples(), "Minibatch.size");
        return State::start(sampler, f.examples(), size);
    }

    double draw(const auto& f, State& state) const {
        return static_cast<double>(state.draw(sampler, size)) / static_cast<double>(f.examples());
    }

    auto sample(const auto& f, const State& state) const { return state.on(f); }

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
