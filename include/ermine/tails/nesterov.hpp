// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/concepts/vector.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>

namespace ermine {

/// Nesterov's acceleration (1983): after each step to x⁺ the next gradient is taken at
/// y = x⁺ + β (x⁺ − x), and x⁺ is the answer. Two forms:
///
/// - `convex`: β = (θ − 1)/θ⁺ with θ⁺ = (1 + √(1 + 4θ²))/2. With a full gradient, steps of 1/L that
///   never grow and an objective that has a proximal part it is FISTA (Beck & Teboulle 2009, eqs.
///   4.1–4.3): F(x_k) − F* <= 2L ‖x₀ − x*‖² / (k + 1)² where F is convex.
/// - `strongly_convex`: β = (1 − √(μt))/(1 + √(μt)), with the step t = 1/L the (√κ − 1)/(√κ + 1) of
///   Nesterov (2018, eq. 2.2.22), from the second step on: F(x_k) − F* <=
///   (1 − √(μ/L))^(k−1) (F(x₁) − F* + μ/2 ‖x₁ − x*‖²).
///
/// Momentum that leads uphill is dropped, and the method begins again from where it is: adaptive
/// restart (O'Donoghue & Candès, "Adaptive restart for accelerated gradient schemes", 2015,
/// section 3.2), which finds the faster rate of strong convexity without being told μ. `gradient`
/// asks whether (y − x⁺)ᵀ(x⁺ − x) > 0, and costs nothing; `function` whether F(x⁺) > F(x), and
/// costs a value an iteration where the step is no line search, which knows it. Minibatches are
/// not comparable, and never restart it.
///
/// Backtracking before this tail takes steps that majorize, and lengthens them only while there is
/// no momentum, as the rate asks for.
struct Nesterov {
    static constexpr Role role = Role::tail;
    static constexpr bool moves = true;  // the next gradient is taken at another point

    enum class Form { convex, strongly_convex };
    enum class Restart { never, gradient, function };

    Form form = Form::convex;
    Restart restart = Restart::gradient;
    /// μ of the strongly convex form; the smooth part's own strong_convexity() if not given
    std::optional<double> strong_convexity = std::nullopt;

    template <class V>
    struct Memory {
        V point;    // x, the answer
        V base;     // y, where the last gradient was taken; empty with minibatches
        double mu;  // of the strongly convex form
        double theta = 1;
        double length = 0;                                       // of the last step
        double value = std::numeric_limits<double>::infinity();  // F(x), if it is asked for
        bool resting = true;                                     // y = x: no momentum
        auto fields() { return std::tie(point, base, mu, theta, length, value, resting); }
    };

    /// Throws std::invalid_argument where the strongly convex form has no μ > 0.
    template <class F, class V>
    Memory<V> start(const F& f, const V& x) const {
        double mu = 0;
        if (form == Form::strongly_convex) {
            if constexpr (StronglyConvex<F>)
                mu = strong_convexity ? *strong_convexity : f.strong_convexity();
            else
                mu = strong_convexity.value_or(0);
            if (!strong_convexity && !(mu > 0))
                throw std::invalid_argument(
                    "Nesterov.form is strongly_convex, but the objective does not know a "
                    "strong_convexity() > 0: give Nesterov.strong_convexity, or use the convex "
                    "form, whose restarts need none");
            require_positive(mu, "Nesterov.strong_convexity");
        }
        return {x, {}, mu};
    }

    /// After a step of the given length on a minibatch.
    template <class V>
    void follow(V& x, double length, Memory<V>& state) const {
        extrapolate(x, push(length, false, state), state);
    }

    /// After a step of the given length of a method that sees the same function each time;
    /// `value()` is F(x), computed if asked for.
    template <class V>
    void follow(V& x, double length, auto&& value, Memory<V>& state) const {
        if (state.length == 0) state.base = state.point;
        bool again = state.resting && length > state.length;  // as if this were the first step
        if (restart == Restart::function) {
            const double reached = value();
            again = again || reached > state.value;
            state.value = reached;
        } else if (restart == Restart::gradient) {
            again = again || (state.base - x).dot(x - state.point) > 0;
        }
        state.length = length;
        extrapolate(x, push(length, again || x == state.base, state), state);
        state.base = x;
    }

    /// Whether the next gradient is taken at the answer itself, so that a step may be longer than
    /// the last one.
    template <class V>
    bool resting(const Memory<V>& state) const {
        return state.resting;
    }

    template <class V>
    const V& report(const V&, const Memory<V>& state) const {
        return state.point;
    }

private:
    /// β of the next extrapolation.
    template <class V>
    double push(double length, bool again, Memory<V>& state) const {
        if (form == Form::strongly_convex) {
            const double root = std::sqrt(std::min(1.0, state.mu * length));
            return again ? 0 : (1 - root) / (1 + root);
        }
        const double theta = again ? 1 : state.theta;
        state.theta = (1 + std::sqrt(1 + 4 * theta * theta)) / 2;
        return (theta - 1) / state.theta;
    }

    template <class V>
    static void extrapolate(V& x, double push, Memory<V>& state) {
        using Scalar = typename V::Scalar;
        state.resting = push == 0;
        state.point.swap(x);  // point: the new one, x: the one before
        const auto beta = static_cast<Scalar>(push);
        x = (1 + beta) * state.point - beta * x;
    }
};

}  // namespace ermine
