// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <ermine/concepts/objective.hpp>

namespace ermine {

/// A finite sum on one batch of its examples: a function like any other, so that whatever
/// evaluates it several times sees the same examples.
template <class F>
struct OnBatch {
    const F& f;
    Batch batch;

    template <class V>
    double value_and_gradient(const V& x, V& gradient) const {
        return f.value_and_gradient(x, batch, gradient);
    }

    template <class V>
        requires requires(const F& g, const V& x, Batch b) { g.value(x, b); }
    double value(const V& x) const {
        return static_cast<double>(f.value(x, batch));
    }

    template <class V>
        requires BatchGaussNewtonProducts<F, V>
    void gauss_newton_product(const V& x, const V& v, V& product) const {
        f.gauss_newton_product(x, batch, v, product);
    }

    template <class V, class Factors>
        requires requires(const F& g) { g.kronecker_blocks(); }
    void kronecker_factors(const V& x, const auto& targets, Factors& factors) const {
        f.kronecker_factors(x, batch, targets, factors);
    }

    [[nodiscard]] Index examples() const { return static_cast<Index>(batch.size()); }

    /// The sum on the first examples of the batch alone.
    [[nodiscard]] OnBatch first(Index count) const {
        return {f, batch.first(static_cast<std::size_t>(count))};
    }
};

}  // namespace ermine
