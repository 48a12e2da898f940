// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/objectives/regularized.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ermine {

/// Whether the penalty of a Composite acts on each number alone, and lies open: `f + L1{λ}`.
template <class F>
concept SeparableComposite =
    requires(const F& f) { requires std::remove_cvref_t<decltype(f.nonsmooth_part())>::separable; };

/// Coordinate descent: one coordinate at a time is moved by −∂f/∂xᵢ / Lᵢ, where Lᵢ bounds the
/// second derivative along it; on a quadratic that is the minimum along the axis. With a separable
/// penalty its proximal map follows, so that the lasso's step is soft thresholding. A round is a
/// sweep of n coordinates and ends with an evaluation, so that rules see value and gradient.
///
/// - `cyclic`: one after the other.
/// - `random`: independent draws. On μ-strongly convex functions E f(x_k) − f* <=
///   (1 − μ/(n L_max))^k (f(x₀) − f*) after k coordinates (Nesterov, SIAM J. Optim. 22, 2012;
///   Wright, Math. Program. 151, 2015, theorem 1).
/// - `gauss_southwell`: the one whose step lowers most for certain, by ½ Lᵢ dᵢ², which without a
///   penalty is ∂ᵢ²/2Lᵢ; each costs a gradient. At least as fast as random (Nutini et al., ICML
///   2015, GSL and GS-r rules).
struct CoordinateDescent {
    static constexpr bool repeats = true;

    enum class Order { cyclic, random, gauss_southwell };
    static constexpr Order cyclic = Order::cyclic;
    static constexpr Order random = Order::random;
    static constexpr Order gauss_southwell = Order::gauss_southwell;

    Order order = cyclic;
    std::uint64_t seed = 7;  ///< of the random order

    template <class V>
    struct State {
        Evaluation<V> here;
        Eigen::Matrix<double, V::RowsAtCompileTime, 1> smoothness;
        Random random;
        Clock clock = {};
        auto fields() { return std::tie(here.x, here.value, here.gradient, random, clock); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool has_partials =
            CoordinateDifferentiable<SmoothPart<F>, V> && Differentiable<SmoothPart<F>, V>;
        static_assert(has_partials,
                      "CoordinateDescent needs f.partial(x, i), f.coordinate_smoothness(i) and "
                      "f.value_and_gradient(x, g), as Quadratic has them: write them, or use "
                      "gradient_descent()");
        constexpr bool separable = !Composite<F, V> || SeparableComposite<F>;
        static_assert(separable || !has_partials,
                      "CoordinateDescent needs a penalty that acts on each number alone (L1, "
                      "ElasticNet, Box), added by f + L1{...}: for others use gradient_descent()");
        return has_partials && separable;
    }

    /// Makes all memory of a run; evaluates f at x. Throws std::invalid_argument for a
    /// coordinate_smoothness(i) that is negative or not finite.
    template <class F, class V>
    State<V> start(const F& f, const V& x) const {
        auto&& smooth = smooth_part(f);
        State<V> state{{x, 0, V::Zero(x.size())}, x.template cast<double>(), Random(seed)};
        if constexpr (Composite<F, V>) f.prox(state.here.x, 0);
        double largest = 0;
        for (Index i = 0; i < x.size(); ++i) {
            state.smoothness[i] = static_cast<double>(smooth.coordinate_smoothness(i));
            require_nonnegative(
                state.smoothness[i],
                ("CoordinateDescent: coordinate_smoothness(" + std::to_string(i) + ")").c_str());
            largest = std::max(largest, state.smoothness[i]);
        }
        // where f is linear along an axis, every step is as good
        for (double& entry : state.smoothness)
            if (entry == 0) entry = largest > 0 ? largest : 1;
        evaluate(smooth, state);
        return state;
    }

    /// One sweep: n coordinates.
    template <class F, class V>
    Outcome advance(const F& f, State<V>& state) const {
        auto&& smooth = smooth_part(f);
        const Index n = state.here.x.size();
        bool moved = false;
        bool current = true;  // value and gradient are those of x
        for (Index k = 0; k < n; ++k) {
            Index i = k;
            double slope = 0;
            if (order == gauss_southwell) {
                if (!current) evaluate(smooth, state);
                current = true;
                i = steepest(f, state);
                slope = static_cast<double>(state.here.gradient[i]);
            } else {
                if (order == random)
                    i = static_cast<Index>(state.random.below(static_cast<std::uint64_t>(n)));
                slope = static_cast<double>(smooth.partial(std::as_const(state.here.x), i));
            }
            if (!std::isfinite(slope)) return Outcome::non_finite;
            const auto there = stepped(f, state, i, slope);
            if (there == state.here.x[i]) {
                if (order == gauss_southwell) break;
                continue;
            }
            state.here.x[i] = there;
            moved = true;
            current = false;
        }
        if (!current) evaluate(smooth, state);
        ++state.clock.iteration;
        state.clock.epoch += static_cast<double>(order == gauss_southwell ? n : 1);
        if (!std::isfinite(state.here.value)) return Outcome::non_finite;
        // a random sweep may have missed those that would move
        return moved || (order == random && !rests(f, state)) ? Outcome::advanced
                                                              : Outcome::no_progress;
    }

    const auto& point(const auto& state) const { return state.here.x; }

    double value(const auto& f, const auto& state) const {
        double value = state.here.value;
        if constexpr (requires { f.penalty(state.here.x); }) value += f.penalty(state.here.x);
        return value;
    }

private:
    template <class V>
    static void evaluate(const auto& smooth, State<V>& state) {
        state.here.value = static_cast<double>(
            smooth.value_and_gradient(std::as_const(state.here.x), state.here.gradient));
    }

    /// Where coordinate i goes.
    template <class F, class V>
    static typename V::Scalar stepped(const F& f, const State<V>& state, Index i, double slope) {
        using Scalar = typename V::Scalar;
        const double step = 1 / state.smoothness[i];
        Eigen::Matrix<Scalar, 1, 1> entry(
            static_cast<Scalar>(static_cast<double>(state.here.x[i]) - step * slope));
        if constexpr (Composite<F, V>)
            if (i < penalized_size(f, state.here.x)) f.nonsmooth_part().prox(entry, step);
        return entry[0];
    }

    /// Whether no coordinate would move.
    template <class F, class V>
    static bool rests(const F& f, const State<V>& state) {
        for (Index i = 0; i < state.here.x.size(); ++i) {
            const auto slope = static_cast<double>(state.here.gradient[i]);
            if (stepped(f, state, i, slope) != state.here.x[i]) return false;
        }
        return true;
    }

    /// The coordinate whose step, of length d, lowers f and the penalty most for certain: by at
    /// least ½ Lᵢ d².
    template <class F, class V>
    static Index steepest(const F& f, const State<V>& state) {
        Index best = 0;
        double most = -1;
        for (Index i = 0; i < state.here.x.size(); ++i) {
            const auto slope = static_cast<double>(state.here.gradient[i]);
            double d = slope / state.smoothness[i];
            if constexpr (Composite<F, V>)
                d = static_cast<double>(stepped(f, state, i, slope)) -
                    static_cast<double>(state.here.x[i]);
            const double gain = state.smoothness[i] * d * d / 2;
            if (gain > most || std::isnan(gain)) {
                most = gain;
                best = i;
            }
        }
        return best;
    }
};

}  // namespace ermine
