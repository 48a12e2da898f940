// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <cmath>
#include <cstdint>
#include <utility>

#include <ermine/concepts/objective.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/objectives/batch_draw.hpp>
#include <ermine/objectives/noise_levels.hpp>
#include <ermine/objectives/wrapping.hpp>

namespace ermine {

/// Options of `noisy`: what is wrong with gradients, and with products with the Hessian.
struct NoisyOptions {
    NoiseLevels gradient = {};
    NoiseLevels product = {};
    std::uint64_t seed = 1;
};

/// A function with inexact derivatives. Made by `noisy`.
template <class Held>
class Noisy : public Wrapping<Held> {
public:
    using typename Wrapping<Held>::F;

    Noisy(Held f, const NoisyOptions& options)
        : Wrapping<Held>(std::forward<Held>(f)), options_(options) {
        options_.gradient.check();
        options_.product.check();
    }

    /// f(x), exact.
    template <class V>
        requires Objective<F, V>
    double value(const V& x) const {
        return static_cast<double>(f_.value(x));
    }

    /// f(x), exact, and an inexact gradient into g.
    template <class V>
        requires Differentiable<F, V>
    double value_and_gradient(const V& x, V& g) const {
        const auto value = static_cast<double>(f_.value_and_gradient(x, g));
        spoil(options_.gradient, draw(x, {}), g);
        return value;
    }

    template <class V>
        requires FiniteSum<F, V>
    double value_and_gradient(const V& x, Batch batch, V& g) const {
        const auto value = static_cast<double>(f_.value_and_gradient(x, batch, g));
        spoil(options_.gradient, draw(x, batch), g);
        return value;
    }

    template <class V>
        requires CurvatureProducts<F, V>
    void hessian_product(const V& x, const V& v, V& Hv) const {
        f_.hessian_product(x, v, Hv);
        spoil(options_.product, draw(x, {}) ^ (3 * draw(v, {})), Hv);
    }

    [[nodiscard]] const NoisyOptions& options() const { return options_; }

private:
    using Wrapping<Held>::f_;
    NoisyOptions options_;

    template <class V>
    std::uint64_t draw(const V& x, Batch batch) const {
        return batch_draw(batch, x.data(), x.size()) ^ (options_.seed * 0x9e3779b97f4a7c15U);
    }

    template <class V>
    void spoil(const NoiseLevels& levels, std::uint64_t draw, V& g) const {
        if (!levels.any()) return;
        using Scalar = typename V::Scalar;
        Random random{draw};
        Random fixed{options_.seed};
        double square = 0;
        if (levels.bias > 0) {
            for (Index i = 0; i < g.size(); ++i) {
                const double u = fixed.normal();
                square += u * u;
            }
            fixed = Random{options_.seed};
        }
        const double length = levels.bias / std::sqrt(square > 0 ? square : 1);
        for (Index i = 0; i < g.size(); ++i) {
            auto number = static_cast<double>(g[i]);
            double error = 0;
            if (levels.multiplicative > 0)
                error += levels.multiplicative * number * random.normal();
            if (levels.additive > 0) error += levels.additive * random.normal();
            if (levels.bias > 0) error += length * fixed.normal();
            number += error;
            if (levels.quantum > 0)
                number = levels.quantum * std::nearbyint(number / levels.quantum);
            g[i] = static_cast<Scalar>(number);
        }
    }
};

/// f, whose gradients, or products with the Hessian, are inexact in known ways, to see what a
/// method makes of it:
///
///     minimize(noisy(f, {.gradient = {.additive = 0.1}}), x0, sgd(0.01), MaxIterations{1000})
///     noise_floor({.additive = 0.1}, n, 0.01, L, mu).total    // about how far down that goes
///
/// Values stay exact. Errors are drawn by the bits of the point (and the batch, and v): a point has
/// one gradient, wrong as it is, so that runs can be repeated on any number of threads. Throws
/// std::invalid_argument for negative levels.
template <class F>
auto noisy(F f, const NoisyOptions& options) {
    return Noisy<F>(std::move(f), options);
}

}  // namespace ermine
