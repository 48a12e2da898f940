// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <type_traits>
#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/penalty.hpp>
#include <ermine/objectives/hessian_type.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/no_penalty.hpp>
#include <ermine/objectives/wrapping.hpp>

namespace ermine {

/// What a penalty may be added to: an objective over vectors, and no penalty itself.
template <class F>
concept Penalizable =
    !Penalty<F> && (Objective<F, Eigen::VectorXd> || Objective<F, Eigen::VectorXf>);

/// How many parameters of x, from the first on, a penalty on f applies to: `f.penalized()` where f
/// says so (a risk leaves its intercept out), otherwise all.
template <class F, class V>
Index penalized_size(const F& f, const V& x) {
    if constexpr (requires {
                      { f.penalized() } -> std::convertible_to<Index>;
                  })
        return f.penalized();
    else
        return x.size();
}

/// f plus a quadratic penalty on the penalized stretch of the parameters, made by `f + L2{λ}`. It
/// keeps every capability of f that the sum has, batches included (it is neither Lipschitz nor a
/// sum of the same squares), and knows its constants: L = L_f + λ, μ = what f says with λ more
/// curvature on that stretch.
template <class F, SmoothPenalty P>
class Regularized : public Wrapping<F>, public HessianType<F> {
public:
    /// Throws std::invalid_argument for options that the penalty refuses.
    Regularized(F f, P penalty) : Wrapping<F>(std::move(f)), penalty_(std::move(penalty)) {
        penalty_.check();
    }

    /// f without the penalty.
    [[nodiscard]] const F& unpenalized() const { return f_; }

    template <class V>
        requires Objective<F, V>
    double value(const V& x) const {
        return static_cast<double>(f_.value(x)) + penalty_at(x);
    }

    template <class V>
        requires requires(const F& f, const V& x, Batch b) { f.value(x, b); }
    double value(const V& x, Batch batch) const {
        return static_cast<double>(f_.value(x, batch)) + penalty_at(x);
    }

    template <class V>
        requires Differentiable<F, V>
    double value_and_gradient(const V& x, V& g) const {
        return with_penalty(static_cast<double>(f_.value_and_gradient(x, g)), x, g);
    }

    template <class V>
        requires FiniteSum<F, V>
    double value_and_gradient(const V& x, Batch batch, V& g) const {
        return with_penalty(static_cast<double>(f_.value_and_gradient(x, batch, g)), x, g);
    }

    template <class V>
        requires WeightedFiniteSum<F, V>
    double value_and_gradient(const V& x, WeightedBatch batch, V& g) const {
        return with_penalty(static_cast<double>(f_.value_and_gradient(x, batch, g)), x, g);
    }

    template <class V, class H>
        requires requires(const F& f, const V& x, H& h) { f.hessian(x, h); }
    void hessian(const V& x, H& h) const {
        f_.hessian(x, h);
        const auto curvature = static_cast<typename H::Scalar>(penalty_.curvature());
        const Index m = penalized_size(f_, x);
        if constexpr (std::derived_from<H, Eigen::MatrixBase<H>>)
            h.diagonal().head(m).array() += curvature;
        else
            for (Index i = 0; i < m; ++i) h.coeffRef(i, i) += curvature;
    }

    template <class V>
        requires CurvatureProducts<F, V>
    void hessian_product(const V& x, const V& v, V& Hv) const {
        f_.hessian_product(x, v, Hv);
        add_curvature(v, Hv);
    }

    template <class V>
        requires GaussNewtonProducts<F, V>
    void gauss_newton_product(const V& x, const V& v, V& Gv) const {
        f_.gauss_newton_product(x, v, Gv);
        add_curvature(v, Gv);
    }

    template <class V>
        requires BatchGaussNewtonProducts<F, V>
    void gauss_newton_product(const V& x, Batch batch, const V& v, V& Gv) const {
        f_.gauss_newton_product(x, batch, v, Gv);
        add_curvature(v, Gv);
    }

    /// With the penalty as the negative logarithm of a normal prior's density.
    template <class V>
        requires requires(const F& f, const V& x, V& Fv) { f.fisher_product(x, x, Fv); }
    void fisher_product(const V& x, const V& v, V& Fv) const {
        f_.fisher_product(x, v, Fv);
        add_curvature(v, Fv);
    }

    template <class V>
        requires requires(const F& f, const V& x, Batch b, V& Fv) { f.fisher_product(x, b, x, Fv); }
    void fisher_product(const V& x, Batch batch, const V& v, V& Fv) const {
        f_.fisher_product(x, batch, v, Fv);
        add_curvature(v, Fv);
    }

    /// Those of f, to which the penalty adds a multiple of the identity.
    [[nodiscard]] auto kronecker_blocks() const
        requires requires(const F& f) { f.kronecker_blocks(); }
    {
        auto blocks = f_.kronecker_blocks();
        for (auto& block : blocks) block.curvature += penalty_.curvature();
        return blocks;
    }

    template <class V, class... Rest>
        requires requires(const F& f) { f.kronecker_blocks(); }
    void kronecker_factors(const V& x, Rest&&... rest) const {
        f_.kronecker_factors(x, std::forward<Rest>(rest)...);
    }

    /// ∂/∂xᵢ of the sum.
    template <class V>
        requires requires(const F& f, const V& x, Index i) { f.partial(x, i); }
    double partial(const V& x, Index i) const {
        const auto own = static_cast<double>(f_.partial(x, i));
        if (i >= penalized_size(f_, x)) return own;
        return own + penalty_.curvature() * static_cast<double>(x[i]);
    }

    /// Its Lipschitz constant along coordinate i.
    [[nodiscard]] double coordinate_smoothness(Index i) const
        requires requires(const F& f) { f.coordinate_smoothness(i); }
    {
        const auto own = static_cast<double>(f_.coordinate_smoothness(i));
        if constexpr (requires { f_.penalized(); })
            if (i >= f_.penalized()) return own;
        return own + penalty_.curvature();
    }

    /// That of f with the penalty's curvature.
    [[nodiscard]] auto linear_problem() const
        requires LinearObjective<F>
    {
        return f_.linear_problem().shifted(penalty_.curvature());
    }

    /// The terms of f with the penalty's curvature.
    [[nodiscard]] auto linear_terms(Index looks) const
        requires requires(const F& f) { f.linear_terms(looks); }
    {
        return f_.linear_terms(looks).shifted(penalty_.curvature());
    }

    [[nodiscard]] double smoothness() const
        requires Smooth<F>
    {
        return f_.smoothness() + penalty_.curvature();
    }

    [[nodiscard]] double smoothness_per_example() const
        requires requires(const F& f) { f.smoothness_per_example(); }
    {
        return f_.smoothness_per_example() + penalty_.curvature();
    }

    /// `shift` more curvature on the penalized stretch is passed on to f together with λ.
    [[nodiscard]] double strong_convexity(double shift = 0) const
        requires StronglyConvex<F>
    {
        const double more = shift + penalty_.curvature();
        if constexpr (requires { f_.strong_convexity(more); })
            return f_.strong_convexity(more);
        else if constexpr (requires { f_.penalized(); })
            return f_.strong_convexity();
        else
            return f_.strong_convexity() + more;
    }

private:
    using Wrapping<F>::f_;
    P penalty_;

    template <class V>
    void add_curvature(const V& v, V& product) const {
        const Index m = penalized_size(f_, v);
        product.head(m) += static_cast<typename V::Scalar>(penalty_.curvature()) * v.head(m);
    }

    template <class V>
    double penalty_at(const V& x) const {
        return penalty_.value(x.head(penalized_size(f_, x)));
    }

    template <class V>
    double with_penalty(double value, const V& x, V& g) const {
        const Index m = penalized_size(f_, x);
        penalty_.add_gradient(x.head(m), g.head(m));
        return value + penalty_at(x);
    }
};

/// f + L2{λ}: a smooth penalty joins the smooth function. f + NoPenalty{} is f.
template <Penalizable F, SmoothPenalty P>
    requires(!requires(const F& f) { f.smooth_part(); })
auto operator+(F f, P penalty) {
    if constexpr (std::same_as<P, NoPenalty>)
        return f;
    else
        return Regularized<F, P>(std::move(f), std::move(penalty));
}

}  // namespace ermine
