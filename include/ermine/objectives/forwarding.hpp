// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <type_traits>
#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/objectives/hessian_type.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/wrapping.hpp>

namespace ermine {

/// A meter that reads nothing.
struct Unmetered {
    void value() const {}
    void gradient(Index) const {}
    void hessian() const {}
    void product() const {}
    void residuals() const {}
    void jacobian() const {}
    void partial() const {}
};

/// The base of a wrapper that is the same function as f: it offers every capability of f, and none
/// that f has not. An heir writes only what it changes, under the same name. This is the one list
/// of what an objective may offer; who adds a capability adds it here, and decides how it counts.
/// `meter` is told of each evaluation before it is made, by the name of what is evaluated, for a
/// gradient with the number of examples (0 where there are none).
template <class Held, class Meter = Unmetered>
class Forwarding : public Wrapping<Held>, public HessianType<std::remove_cvref_t<Held>> {
public:
    using typename Wrapping<Held>::F;

    template <class V>
        requires Objective<F, V>
    double value(const V& x) const {
        meter_.value();
        return static_cast<double>(f_.value(x));
    }

    template <class V>
        requires requires(const F& f, const V& x, Batch b) { f.value(x, b); }
    double value(const V& x, Batch batch) const {
        meter_.value();
        return static_cast<double>(f_.value(x, batch));
    }

    template <class V>
        requires Differentiable<F, V>
    double value_and_gradient(const V& x, V& g) const {
        if constexpr (FiniteSum<F, V>)
            meter_.gradient(f_.examples());
        else
            meter_.gradient(0);
        return static_cast<double>(f_.value_and_gradient(x, g));
    }

    template <class V>
        requires FiniteSum<F, V>
    double value_and_gradient(const V& x, Batch batch, V& g) const {
        meter_.gradient(static_cast<Index>(batch.size()));
        return static_cast<double>(f_.value_and_gradient(x, batch, g));
    }

    template <class V>
        requires WeightedFiniteSum<F, V>
    double value_and_gradient(const V& x, WeightedBatch batch, V& g) const {
        meter_.gradient(static_cast<Index>(batch.size()));
        return static_cast<double>(f_.value_and_gradient(x, batch, g));
    }

    template <class V, class H>
        requires requires(const F& f, const V& x, H& h) { f.hessian(x, h); }
    void hessian(const V& x, H& h) const {
        meter_.hessian();
        f_.hessian(x, h);
    }

    template <class V>
        requires CurvatureProducts<F, V>
    void hessian_product(const V& x, const V& v, V& Hv) const {
        meter_.product();
        f_.hessian_product(x, v, Hv);
    }

    template <class V>
        requires GaussNewtonProducts<F, V>
    void gauss_newton_product(const V& x, const V& v, V& Gv) const {
        meter_.product();
        f_.gauss_newton_product(x, v, Gv);
    }

    template <class V>
        requires BatchGaussNewtonProducts<F, V>
    void gauss_newton_product(const V& x, Batch batch, const V& v, V& Gv) const {
        meter_.product();
        f_.gauss_newton_product(x, batch, v, Gv);
    }

    template <class V>
        requires requires(const F& f, const V& x, V& Fv) { f.fisher_product(x, x, Fv); }
    void fisher_product(const V& x, const V& v, V& Fv) const {
        meter_.product();
        f_.fisher_product(x, v, Fv);
    }

    template <class V>
        requires requires(const F& f, const V& x, Batch b, V& Fv) { f.fisher_product(x, b, x, Fv); }
    void fisher_product(const V& x, Batch batch, const V& v, V& Fv) const {
        meter_.product();
        f_.fisher_product(x, batch, v, Fv);
    }

    /// The blocks of an approximation of the Fisher matrix by Kronecker products, ...
    [[nodiscard]] auto kronecker_blocks() const
        requires requires(const F& f) { f.kronecker_blocks(); }
    {
        return f_.kronecker_blocks();
    }

    /// ... and their factors over all examples or a batch, at the price of a gradient.
    template <class V, class Factors>
        requires requires(const F& f) { f.kronecker_blocks(); }
    void kronecker_factors(const V& x, const auto& targets, Factors& factors) const {
        meter_.gradient(f_.examples());
        f_.kronecker_factors(x, targets, factors);
    }

    template <class V, class Factors>
        requires requires(const F& f) { f.kronecker_blocks(); }
    void kronecker_factors(const V& x, Batch batch, const auto& targets, Factors& factors) const {
        meter_.gradient(static_cast<Index>(batch.size()));
        f_.kronecker_factors(x, batch, targets, factors);
    }

    /// ∂f/∂xᵢ.
    template <class V>
        requires requires(const F& f, const V& x, Index i) {
            { f.partial(x, i) } -> std::convertible_to<double>;
        }
    double partial(const V& x, Index i) const {
        meter_.partial();
        return static_cast<double>(f_.partial(x, i));
    }

    /// Its Lipschitz constant along coordinate i.
    [[nodiscard]] double coordinate_smoothness(Index i) const
        requires requires(const F& f) { f.coordinate_smoothness(i); }
    {
        return static_cast<double>(f_.coordinate_smoothness(i));
    }

    /// What is squared, of a sum of squares, ...
    template <class V, class R>
        requires requires(const F& f, const V& x, R& r) { f.residuals(x, r); }
    void residuals(const V& x, R& r) const {
        meter_.residuals();
        f_.residuals(x, r);
    }

    /// ... and its derivatives: a row a residual.
    template <class V, class J>
        requires requires(const F& f, const V& x, J& j) { f.jacobian(x, j); }
    void jacobian(const V& x, J& j) const {
        meter_.jacobian();
        f_.jacobian(x, j);
    }

    /// The terms of a sum of functions of linear predictions, to be looked at so often.
    [[nodiscard]] auto linear_terms(Index looks) const
        requires requires(const F& f) { f.linear_terms(looks); }
    {
        if (looks > 0) meter_.gradient(looks);
        return f_.linear_terms(looks);
    }

    /// What solvers of linear models work on, ...
    [[nodiscard]] auto linear_problem() const
        requires LinearObjective<F>
    {
        return f_.linear_problem();
    }

    /// ... and what they did on it since they told it last.
    void count_work(const LinearWork& work) const
        requires LinearObjective<F>
    {
        for (auto k = work.values; k > 0; --k) meter_.value();
        for (auto k = work.gradients; k > 0; --k) meter_.gradient(f_.linear_problem().examples());
        for (auto k = work.hessians; k > 0; --k) meter_.hessian();
        for (auto k = work.products; k > 0; --k) meter_.product();
    }

    [[nodiscard]] double lipschitz() const
        requires LipschitzContinuous<F>
    {
        return f_.lipschitz();
    }

    [[nodiscard]] double smoothness() const
        requires Smooth<F>
    {
        return f_.smoothness();
    }

    [[nodiscard]] double smoothness_per_example() const
        requires requires(const F& f) { f.smoothness_per_example(); }
    {
        return f_.smoothness_per_example();
    }

    [[nodiscard]] double strong_convexity() const
        requires StronglyConvex<F>
    {
        return f_.strong_convexity();
    }

    [[nodiscard]] double strong_convexity(double shift) const
        requires requires(const F& f) { f.strong_convexity(shift); }
    {
        return f_.strong_convexity(shift);
    }

protected:
    explicit Forwarding(Held f, Meter meter = {})
        : Wrapping<Held>(std::forward<Held>(f)), meter_(meter) {}

    using Wrapping<Held>::f_;
    [[no_unique_address]] Meter meter_;
};

}  // namespace ermine
