// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/penalty.hpp>
#include <ermine/objectives/penalized_part.hpp>

#include <utility>

namespace ermine {

/// F(x) = f(x) + p(w) with a smooth penalty p = L2 on the penalized part w of x: what f can do, the
/// sum can. Made by `f + L2{λ}`. A batch of it is a batch of f, and the whole penalty.
template <class F, SmoothPenalty P>
class Regularized {
public:
    /// Throws std::invalid_argument for a penalty that makes no sense.
    Regularized(F f, P penalty) : f_(std::move(f)), penalty_(std::move(penalty)) {
        penalty_.check();
    }

    [[nodiscard]] const F& unregularized() const { return f_; }
    [[nodiscard]] const P& penalty() const { return penalty_; }

    template <class V>
    double value(const V& x) const
        requires Objective<F, V>
    {
        return static_cast<double>(f_.value(x)) + penalty_.value(part(x));
    }

    template <class V>
    double value_and_gradient(const V& x, V& g) const
        requires Differentiable<F, V>
    {
        return add_penalty(static_cast<double>(f_.value_and_gradient(x, g)), x, g);
    }

    template <class V>
    double value_and_gradient(const V& x, Batch batch, V& g) const
        requires FiniteSum<F, V>
    {
        return add_penalty(static_cast<double>(f_.value_and_gradient(x, batch, g)), x, g);
    }

    template <class V>
    void hessian(const V& x, SquareMatrix<V>& H) const
        requires TwiceDifferentiable<F, V>
    {
        f_.hessian(x, H);
        H.diagonal().head(penalized_size(f_, x.size())).array() +=
            static_cast<typename V::Scalar>(penalty_.curvature());
    }

    template <class V>
    void hessian_product(const V& x, const V& v, V& Hv) const
        requires CurvatureProducts<F, V>
    {
        f_.hessian_product(x, v, Hv);
        const Index size = penalized_size(f_, x.size());
        Hv.head(size) += static_cast<typename V::Scalar>(penalty_.curvature()) * v.head(size);
    }

    [[nodiscard]] auto zero() const
        requires requires(const F& f) { f.zero(); }
    {
        return f_.zero();
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

    /// μ of the sum. A risk is asked with the penalty's curvature, as what its data leaves flat the
    /// penalty may bend; other functions must know that they are convex (strong_convexity()).
    [[nodiscard]] double strong_convexity(double shift = 0) const
        requires StronglyConvex<F>
    {
        if constexpr (requires { f_.strong_convexity(shift); })
            return f_.strong_convexity(shift + penalty_.curvature());
        else if constexpr (requires { f_.penalized(); })
            return f_.strong_convexity();
        else
            return f_.strong_convexity() + shift + penalty_.curvature();
    }

    template <class T>
        requires requires { F::template explain<T>(); }
    static consteval bool explain() {
        return F::template explain<T>();
    }

private:
    template <class V>
    auto part(const V& x) const {
        return x.head(penalized_size(f_, x.size()));
    }

    template <class V>
    double add_penalty(double value, const V& x, V& g) const {
        const Index size = penalized_size(f_, x.size());
        penalty_.add_gradient(x.head(size), g.head(size));
        return value + penalty_.value(x.head(size));
    }

    F f_;
    P penalty_;
};

}  // namespace ermine
