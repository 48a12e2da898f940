// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <concepts>
#include <type_traits>
#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/penalty.hpp>
#include <ermine/objectives/no_penalty.hpp>

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
/// keeps every capability of f, batches included, and knows its constants:
/// L = L_f + λ, μ = what f says with λ more curvature on that stretch.
template <class F, SmoothPenalty P>
class Regularized {
public:
    /// Throws std::invalid_argument for options that the penalty refuses.
    Regularized(F f, P penalty) : f_(std::move(f)), penalty_(std::move(penalty)) {
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
        requires TwiceDifferentiable<F, V>
    void hessian(const V& x, HessianMatrix<F, V>& H) const {
        f_.hessian(x, H);
        const auto more = static_cast<typename V::Scalar>(penalty_.curvature());
        const Index m = penalized_size(f_, x);
        if constexpr (std::same_as<HessianMatrix<F, V>, SquareMatrix<V>>)
            H.diagonal().head(m).array() += more;
        else
            for (Index i = 0; i < m; ++i) H.coeffRef(i, i) += more;
    }

    template <class V>
        requires CurvatureProducts<F, V>
    void hessian_product(const V& x, const V& v, V& Hv) const {
        f_.hessian_product(x, v, Hv);
        const Index m = penalized_size(f_, x);
        Hv.head(m) += static_cast<typename V::Scalar>(penalty_.curvature()) * v.head(m);
    }

    [[nodiscard]] Index examples() const
        requires requires(const F& f) { f.examples(); }
    {
        return f_.examples();
    }

    [[nodiscard]] Index parameters() const
        requires requires(const F& f) { f.parameters(); }
    {
        return f_.parameters();
    }

    [[nodiscard]] Index penalized() const
        requires requires(const F& f) { f.penalized(); }
    {
        return f_.penalized();
    }

    [[nodiscard]] auto zero() const
        requires requires(const F& f) { f.zero(); }
    {
        return f_.zero();
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

    template <class T>
        requires requires { F::template explain<T>(); }
    static consteval bool explain() {
        return F::template explain<T>();
    }

private:
    F f_;
    P penalty_;

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

template <class F, class P, class V>
struct HessianOf<Regularized<F, P>, V> : HessianOf<F, V> {};

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
