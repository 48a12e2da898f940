// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/solvers/counts.hpp>

namespace ermine {

/// An objective with the same capabilities as F, each call of which is counted. It lives in the
/// frame of the loop; no part of a method keeps a pointer to it.
template <class F>
class Counted {
public:
    Counted(const F& f, Counts& counts) : f_(f), counts_(counts) {}

    template <class V>
    double value(const V& x) const
        requires Objective<F, V>
    {
        ++counts_.values;
        return static_cast<double>(f_.value(x));
    }

    template <class V>
    double value_and_gradient(const V& x, V& gradient) const
        requires Differentiable<F, V>
    {
        ++counts_.gradients;
        if constexpr (FiniteSum<F, V>) counts_.examples += f_.examples();
        return static_cast<double>(f_.value_and_gradient(x, gradient));
    }

    template <class V>
    double value_and_gradient(const V& x, Batch batch, V& gradient) const
        requires FiniteSum<F, V>
    {
        ++counts_.gradients;
        counts_.examples += static_cast<std::int64_t>(batch.size());
        return static_cast<double>(f_.value_and_gradient(x, batch, gradient));
    }

    template <class V, class H>
    void hessian(const V& x, H& hessian) const
        requires TwiceDifferentiable<F, V>
    {
        ++counts_.hessians;
        f_.hessian(x, hessian);
    }

    template <class V>
    void hessian_product(const V& x, const V& v, V& product) const
        requires CurvatureProducts<F, V>
    {
        ++counts_.products;
        f_.hessian_product(x, v, product);
    }

    Index examples() const
        requires requires(const F& f) { f.examples(); }
    {
        return f_.examples();
    }

    double smoothness() const
        requires Smooth<F>
    {
        return f_.smoothness();
    }

    double strong_convexity() const
        requires StronglyConvex<F>
    {
        return f_.strong_convexity();
    }

    decltype(auto) smooth_part() const
        requires requires(const F& f) { f.smooth_part(); }
    {
        return Counted<SmoothPart<F>>(f_.smooth_part(), counts_);
    }

    template <class V>
    double penalty(const V& x) const
        requires Composite<F, V>
    {
        return f_.penalty(x);
    }

    template <class V>
    void prox(V& x, double step) const
        requires Composite<F, V>
    {
        f_.prox(x, step);
    }

private:
    const F& f_;
    Counts& counts_;
};

template <class F, class V>
struct HessianOf<Counted<F>, V> : HessianOf<F, V> {};

}  // namespace ermine
