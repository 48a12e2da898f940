// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/sampler.hpp>
#include <ermine/estimators/drawn_batch.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <tuple>

namespace ermine {

/// Options of `norm_test_minibatch`.
struct NormTest {
    Index initial = 16;  ///< at least 2
    double theta = 0.5;  ///< the largest standard error that is good enough, relative to ‖g‖
    Index largest = 0;   ///< 0: up to all examples
    Index parts = 16;    ///< into how many parts a batch is cut to see how it varies, at least 2
};

/// Minibatches that grow when the gradient drowns in its noise, made by
/// `norm_test_minibatch(ShuffledEachEpoch{}, {.theta = 0.5})`. With V the variance of the examples'
/// gradients, summed over the coordinates, a batch of b with gradient g is large enough if
///
///     V/b · (n − b)/(n − 1) <= θ² ‖g‖²
///
/// and otherwise the next one has ⌈V / (θ² ‖g‖²)⌉ examples (Byrd, Chin, Nocedal & Wu, "Sample size
/// selection in optimization methods for machine learning", Math. Prog. 134, 2012,
/// section 3). The size never falls. V is estimated from the gradients of a few parts of the batch
/// instead of those of all its examples: without bias, and at no more than the cost of the batch.
template <Sampler S>
struct NormTestMinibatchOver {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;
    static constexpr bool estimates = true;

    S sampler;
    NormTest test;

    template <class V>
    struct State {
        DrawnBatch<S> batch;
        Index size = 0;       // of the next batch
        double variance = 0;  // as it was estimated last
        V part;               // scratch
        auto fields() { return std::tie(batch, size, variance); }
    };

    template <class F, class V>
    static consteval bool check() {
        return DrawnBatch<S>::template fits<SmoothPart<F>, V>();
    }

    /// Throws std::invalid_argument for sizes outside 2, …, n, `largest` below `initial`, fewer
    /// than 2 parts and θ that is not positive.
    template <class V>
    State<V> start(const auto& f, const V& x) const {
        const auto n = static_cast<double>(f.examples());
        const auto initial = static_cast<double>(test.initial);
        require_between(initial, 2, n, "NormTest.initial");
        if (test.largest != 0)
            require_between(static_cast<double>(test.largest), initial, n, "NormTest.largest");
        require_positive(test.theta, "NormTest.theta");
        require_between(static_cast<double>(test.parts), 2, 1e9, "NormTest.parts");
        return {DrawnBatch<S>::start(sampler, f.examples(), most(f.examples())), test.initial, 0,
                V::Zero(x.size())};
    }

    template <class V>
    double draw(const auto& f, State<V>& state) const {
        return static_cast<double>(state.batch.draw(sampler, state.size)) /
               static_cast<double>(f.examples());
    }

    /// The mean and its gradient over the batch in hand; then the size of the next is known.
    template <class V>
    double estimate(const auto& f, const V& x, V& g, State<V>& state) const {
        const auto b = static_cast<Index>(state.batch.rows.size());
        const Index parts = std::min(test.parts, b);
        g.setZero(x.size());
        double value = 0;
        double spread = 0;  // Σ bₖ ‖gₖ − g‖², updated as by Chan, Golub & LeVeque 1983
        Index before = 0;
        for (Index k = 0; k < parts; ++k) {
            const Index after = b * (k + 1) / parts;
            const double own = static_cast<double>(after - before);
            const double share = own / static_cast<double>(after);
            const auto some = state.batch.part(f, before, after - before);
            value += share * (static_cast<double>(some.value_and_gradient(x, state.part)) - value);
            state.part -= g;
            spread += own * (1 - share) * static_cast<double>(state.part.squaredNorm());
            g += static_cast<typename V::Scalar>(share) * state.part;
            before = after;
        }
        if (parts >= 2) {
            state.variance = spread / static_cast<double>(parts - 1);
            choose_size(f.examples(), b, static_cast<double>(g.squaredNorm()), state);
        }
        return value;
    }

    double natural_step(const auto&) const {
        throw std::invalid_argument(
            "theory names no constant step for norm_test_minibatch: give Constant{.size = ...}");
    }

private:
    [[nodiscard]] Index most(Index examples) const {
        return test.largest == 0 ? examples : test.largest;
    }

    template <class V>
    void choose_size(Index examples, Index b, double squared_norm, State<V>& state) const {
        const auto n = static_cast<double>(examples);
        const auto size = static_cast<double>(b);
        const double enough = test.theta * test.theta * squared_norm;
        if (state.variance / size * ((n - size) / (n - 1)) <= enough) return;
        const double wanted = std::ceil(state.variance / enough);
        const auto limit = static_cast<double>(most(examples));
        const auto now = static_cast<double>(state.size);
        // The first of these fails for NaN, which ends the run elsewhere.
        if (wanted > now) state.size = static_cast<Index>(std::min(wanted, limit));
    }
};

/// Minibatches that grow by the norm test, in the order of any sampler.
template <Sampler S>
NormTestMinibatchOver<S> norm_test_minibatch(S sampler, NormTest test = {}) {
    return {sampler, test};
}

}  // namespace ermine
