// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/require.hpp>

#include <limits>
#include <utility>

namespace ermine {

/// Lipschitz constants of a function, where they are known; infinite where they are not.
struct LipschitzConstants {
    double value = std::numeric_limits<double>::infinity();     ///< of f
    double gradient = std::numeric_limits<double>::infinity();  ///< of ∇f: the smoothness
};

/// An objective with constants that its author vouches for; `with_lipschitz` makes it. Keeps what
/// f can do.
template <class F>
class WithLipschitz {
public:
    WithLipschitz(F f, LipschitzConstants constants) : f_(std::move(f)), constants_(constants) {}

    double lipschitz() const { return constants_.value; }
    double smoothness() const { return constants_.gradient; }

    template <class V>
    double value(const V& x) const
        requires Objective<F, V>
    {
        return static_cast<double>(f_.value(x));
    }

    template <class V>
    double value_and_gradient(const V& x, V& g) const
        requires Differentiable<F, V>
    {
        return static_cast<double>(f_.value_and_gradient(x, g));
    }

    template <class V>
    double value_and_gradient(const V& x, Batch batch, V& g) const
        requires FiniteSum<F, V>
    {
        return static_cast<double>(f_.value_and_gradient(x, batch, g));
    }

    template <class V>
    void hessian(const V& x, SquareMatrix<V>& H) const
        requires TwiceDifferentiable<F, V>
    {
        f_.hessian(x, H);
    }

    template <class V>
    void hessian_product(const V& x, const V& v, V& Hv) const
        requires CurvatureProducts<F, V>
    {
        f_.hessian_product(x, v, Hv);
    }

    Index examples() const
        requires requires(const F& f) { f.examples(); }
    {
        return f_.examples();
    }

    double strong_convexity() const
        requires StronglyConvex<F>
    {
        return f_.strong_convexity();
    }

private:
    F f_;
    LipschitzConstants constants_;
};

/// `with_lipschitz(f, {.gradient = 4})`: f, with |f(x) − f(y)| <= value · ‖x − y‖ and
/// ‖∇f(x) − ∇f(y)‖ <= gradient · ‖x − y‖. Gradient descent then takes the step 1/gradient.
/// Throws std::invalid_argument for a constant that is not positive.
template <class F>
WithLipschitz<F> with_lipschitz(F f, LipschitzConstants constants) {
    if (constants.value != std::numeric_limits<double>::infinity())
        require_positive(constants.value, "with_lipschitz: value");
    if (constants.gradient != std::numeric_limits<double>::infinity())
        require_positive(constants.gradient, "with_lipschitz: gradient");
    return {std::move(f), constants};
}

}  // namespace ermine
