// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include <ermine/concepts/objective.hpp>

namespace ermine {

/// What is known of a function: Lipschitz constants of its value and of its gradient. NaN: unknown.
struct LipschitzConstants {
    double value = std::numeric_limits<double>::quiet_NaN();
    double gradient = std::numeric_limits<double>::quiet_NaN();
};

/// A function with stated Lipschitz constants, made by `with_lipschitz`.
template <class F>
class WithLipschitz {
public:
    /// Throws std::invalid_argument for a negative constant.
    WithLipschitz(F f, LipschitzConstants constants) : f_(std::move(f)), constants_(constants) {
        if (constants.value < 0 || constants.gradient < 0)
            throw std::invalid_argument(
                "with_lipschitz: the constants are " + std::to_string(constants.value) + " and " +
                std::to_string(constants.gradient) + ": they must not be negative");
    }

    template <class V>
        requires Objective<F, V>
    double value(const V& x) const {
        return static_cast<double>(f_.value(x));
    }

    template <class V>
        requires requires(const F& f, const V& x, Batch b) { f.value(x, b); }
    double value(const V& x, Batch batch) const {
        return static_cast<double>(f_.value(x, batch));
    }

    template <class V>
        requires Differentiable<F, V>
    double value_and_gradient(const V& x, V& g) const {
        return static_cast<double>(f_.value_and_gradient(x, g));
    }

    template <class V>
        requires FiniteSum<F, V>
    double value_and_gradient(const V& x, Batch batch, V& g) const {
        return static_cast<double>(f_.value_and_gradient(x, batch, g));
    }

    template <class V>
        requires TwiceDifferentiable<F, V>
    void hessian(const V& x, SquareMatrix<V>& H) const {
        f_.hessian(x, H);
    }

    template <class V>
        requires CurvatureProducts<F, V>
    void hessian_product(const V& x, const V& v, V& Hv) const {
        f_.hessian_product(x, v, Hv);
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

    /// The stated constant of the value, or what f knows; NaN where neither is known.
    [[nodiscard]] double lipschitz() const {
        if constexpr (LipschitzContinuous<F>)
            if (!(constants_.value >= 0)) return f_.lipschitz();
        return constants_.value;
    }

    /// The stated constant of the gradient, or what f knows; NaN where neither is known.
    [[nodiscard]] double smoothness() const {
        if constexpr (Smooth<F>)
            if (!(constants_.gradient >= 0)) return f_.smoothness();
        return constants_.gradient;
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

    template <class T>
        requires requires { F::template explain<T>(); }
    static consteval bool explain() {
        return F::template explain<T>();
    }

private:
    F f_;
    LipschitzConstants constants_;
};

/// f, of which the caller knows Lipschitz constants: `with_lipschitz(f, {.gradient = 4})` lets
/// gradient descent take the step 1/4. Everything else that f offers stays.
template <class F>
auto with_lipschitz(F f, LipschitzConstants constants) {
    return WithLipschitz<F>(std::move(f), constants);
}

}  // namespace ermine
