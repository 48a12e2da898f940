// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/data/row_block.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/data/weighted_gram.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/scratch.hpp>
#include <ermine/objectives/linear_terms.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

namespace ermine {

/// Room for a Hessian over a batch.
struct BatchHessianSpace {
    Eigen::MatrixXd sum;
    Eigen::ArrayXd curvatures;
    GramWorkspace gram;
};

/// A function with the gradient of `phi` and the Hessian of f over a batch of examples.
template <class Phi, class F>
struct WithBatchHessian {
    Phi phi;
    const F& f;
    Batch batch;
    const Scratch<BatchHessianSpace>& space;

    static constexpr Index block_size = 256;

    template <class V>
    double value_and_gradient(const V& x, V& g) const {
        return static_cast<double>(phi.value_and_gradient(x, g));
    }

    template <class V, class H>
    void hessian(const V& x, H& hessian) const {
        const auto terms = f.linear_terms(0);
        using Rows = typename std::remove_cvref_t<decltype(terms)>::Rows;
        const auto size = static_cast<Index>(batch.size());
        space->sum.setZero(x.size(), x.size());
        space->curvatures.resize(block_size);
        each_block(size, [&](Index first, Index count) {
            for (Index k = 0; k < count; ++k) {
                const Index i = batch[static_cast<std::size_t>(first + k)];
                space->curvatures[k] = terms.curvature(i, terms.predict(i, x));
            }
            const RowBlock<Rows> block{
                .rows = terms.rows, .picked = batch.data(), .first = first, .count = count};
            add_weighted_gram(block, terms.intercept, space->curvatures.head(count), space->sum,
                              space->gram);
        });
        space->sum /= static_cast<double>(size);
        space->sum.diagonal().head(terms.features()).array() += terms.shift;
        space->sum.triangularView<Eigen::StrictlyUpper>() = space->sum.transpose();
        hessian = space->sum.cast<typename H::Scalar>();
    }

    template <class V>
    void hessian_product(const V& x, const V& v, V& product) const {
        const auto terms = f.linear_terms(0);
        const double share = 1 / static_cast<double>(batch.size());
        product.setZero(x.size());
        for (const std::int32_t i : batch) {
            const double curvature = terms.curvature(i, terms.predict(i, x));
            terms.add(i, share * curvature * terms.predict(i, v), product);
        }
        const Index d = terms.features();
        product.head(d) += static_cast<typename V::Scalar>(terms.shift) * v.head(d);
    }

private:
    static void each_block(Index size, const auto& f) {
        for (Index first = 0; first < size; first += block_size)
            f(first, std::min(block_size, size - first));
    }
};

/// Subsampled Newton (Byrd, Chin, Neveitt & Nocedal 2011; Roosta-Khorasani & Mahoney 2019): the
/// gradient of an estimator, the Hessian over `size` other examples, drawn without replacement and
/// anew for each step. With the full gradient, `subsampled_hessian(FullGradient{}, {.size = 1000})
/// | Newton{} | Backtracking{}` is a descent method that converges to the minimum, linearly, the
/// faster the more examples. Made by `subsampled_hessian`, for Newton and NewtonCg, on linear
/// models.
template <Estimator E>
struct SubsampledHessian {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = E::repeats;

    E gradient;
    Index size;
    std::uint64_t seed;

    template <class Inner>
    struct State {
        Inner gradient;
        ShuffledEachEpoch::State order;
        std::vector<std::int32_t> rows;
        Scratch<BatchHessianSpace> space;
        auto fields() { return std::tie(gradient, order, rows); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool has_terms = [] {
            if constexpr (LinearSum<SmoothPart<F>>)
                return requires(const SmoothPart<F>& f) { f.linear_terms(0).curvature(0, 0.0); };
            else
                return false;
        }();
        static_assert(has_terms,
                      "subsampled_hessian needs the EmpiricalRisk of a Linear model and a loss "
                      "with a second derivative: use FullGradient{} | Newton{}, or NewtonCg");
        if constexpr (has_terms)
            return part_fits<E, F, V>();
        else
            return false;
    }

    /// Throws std::invalid_argument for a size of 0 or of more examples than there are, and what
    /// the gradient's estimator throws.
    auto start(const auto& f, const auto& x) const {
        require_batch(size, f.examples(), "subsampled_hessian: size");
        State<decltype(gradient.start(f, x))> state{
            gradient.start(f, x), ShuffledEachEpoch{.seed = seed}.start(f.examples()), {}, {}};
        state.rows.reserve(static_cast<std::size_t>(size));
        renew(f, state);
        return state;
    }

    double draw(const auto& f, auto& state) const { return gradient.draw(f, state.gradient); }

    /// Before each step: other examples for its Hessian. At the end of an epoch the batch is filled
    /// up from the next.
    void renew(const auto&, auto& state) const {
        const ShuffledEachEpoch sampler{.seed = seed};
        const auto wanted = static_cast<std::size_t>(size);
        state.rows.clear();
        while (state.rows.size() < wanted) {
            const Batch drawn =
                sampler.draw(state.order, static_cast<Index>(wanted - state.rows.size()));
            state.rows.insert(state.rows.end(), drawn.begin(), drawn.end());
        }
    }

    template <class F>
    auto sample(const F& f, const auto& state) const {
        using Phi = decltype(gradient.sample(f, state.gradient));
        return WithBatchHessian<Phi, F>{gradient.sample(f, state.gradient), f, state.rows,
                                        state.space};
    }

    double natural_step(const auto& f) const { return gradient.natural_step(f); }
};

/// Options of `subsampled_hessian`.
struct HessianBatch {
    Index size = 1000;
    std::uint64_t seed = 0;
};

/// The gradient of an estimator with a Hessian over a batch of its own.
template <Estimator E>
constexpr SubsampledHessian<E> subsampled_hessian(E gradient, HessianBatch batch = {}) {
    return {std::move(gradient), batch.size, batch.seed};
}

}  // namespace ermine
