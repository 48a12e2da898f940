// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace ermine {

/// The spectral projected gradient method for f + p, with p the indicator of a set that has an easy
/// projection (Box, Bounds, Simplex, L1Ball, L2Ball), or any penalty with a proximal map (Birgin,
/// Martínez & Raydan, "Nonmonotone spectral projected gradient methods on convex sets", SIAM J.
/// Optim. 10, 2000, algorithm SPG2): d = prox(x − α∇f) − x, where the length α comes from the
/// curvature met in the last step, sᵀs/sᵀy (Barzilai & Borwein 1988), and a step λ d, λ <= 1, with
/// F(x + λd) <= max of the last `memory` values − c λ ‖d‖²/α. One projection and mostly one
/// gradient an iteration, and a few vectors of memory.
///
/// `FullGradient{} | Backtracking{}` on the same objective is the projected gradient method without
/// the spectral length; values fall in every step of it.
struct ProjectedGradient {
    static constexpr bool repeats = true;

    Index memory = 10;                  ///< values that a new one is compared with; 1: monotone
    double sufficient_decrease = 1e-4;  ///< c
    double shortest = 1e-30;            ///< bounds on α
    double longest = 1e30;
    int trials = 60;  ///< then no step is found

    template <class V>
    struct State {
        Evaluation<V> here;  // of f
        Evaluation<V> there;
        V target;  // prox(x − α∇f)
        Eigen::ArrayXd values;
        double alpha = 0;
        double penalty = 0;  // p(here.x)
        Clock clock = {};
        double length = 0;
        auto fields() {
            return std::tie(here.x, here.value, here.gradient, values, alpha, penalty,
                            clock.iteration, clock.epoch, length);
        }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool has_prox = Composite<F, V>;
        static_assert(has_prox,
                      "ProjectedGradient needs a set to project to, f + Box{...} or f + "
                      "Simplex{...}: without one use spectral_gradient() or lbfgs()");
        if constexpr (!has_prox) {
            return false;
        } else {
            constexpr bool has_gradient = Differentiable<SmoothPart<F>, V>;
            static_assert(has_gradient,
                          "ProjectedGradient needs f.value_and_gradient(x, g) of the smooth part: "
                          "write it, or wrap f in autodiff(f) or finite_difference(f)");
            return has_gradient;
        }
    }

    /// Projects x to the set.
    /// Throws std::invalid_argument for an option out of its range.
    template <class F, class V>
    State<V> start(const F& f, const V& x) const {
        require_positive(static_cast<double>(memory), "ProjectedGradient.memory");
        require_positive(static_cast<double>(trials), "ProjectedGradient.trials");
        require_positive(shortest, "ProjectedGradient.shortest");
        require_positive(longest, "ProjectedGradient.longest");
        if (!(sufficient_decrease > 0 && sufficient_decrease < 1))
            throw std::invalid_argument("ProjectedGradient.sufficient_decrease is " +
                                        std::to_string(sufficient_decrease) +
                                        ": it must lie between 0 and 1");
        State<V> state{.here = {x, 0, V::Zero(x.size())},
                       .there = {x, 0, V::Zero(x.size())},
                       .target = x,
                       .values = Eigen::ArrayXd::Zero(memory)};
        f.prox(state.here.x, 0);
        evaluate(f.smooth_part(), state.here);
        state.penalty = f.penalty(state.here.x);
        state.values.setConstant(state.here.value + state.penalty);
        V& moved = state.target;
        moved = state.here.x - state.here.gradient;
        f.prox(moved, 1);
        const double size =
            static_cast<double>((moved - state.here.x).template lpNorm<Eigen::Infinity>());
        state.alpha = size > 0 ? std::clamp(1 / size, shortest, longest) : 1;
        return state;
    }

    template <class F, class V>
    Outcome advance(const F& f, State<V>& state) const {
        using Scalar = typename V::Scalar;
        const auto& [x, value, gradient] = state.here;
        auto& there = state.there;
        V& target = state.target;
        target = x - static_cast<Scalar>(state.alpha) * gradient;
        f.prox(target, state.alpha);
        if (!target.allFinite()) return Outcome::non_finite;
        // >= ∇fᵀd + p(x + d) − p(x), by the optimality of prox, and it does not drown in rounding
        const double slope = -dot(target - x, target - x) / state.alpha;
        const double objective = value + state.penalty;
        const double above = state.values.maxCoeff() - objective;
        double lambda = 1;
        for (int trial = 0; trial < trials; ++trial) {
            if (lambda == 1) {
                there.x = target;
            } else {
                there.x = x + static_cast<Scalar>(lambda) * (target - x);
                f.prox(there.x, 0);  // against rounding
            }
            if (there.x == x) return Outcome::no_progress;
            evaluate(f.smooth_part(), there);
            state.clock.epoch += 1;
            const double penalty = f.penalty(there.x);
            double change = there.value + penalty - objective;
            double shorter = 0.1;
            if (change == -std::numeric_limits<double>::infinity() || std::isfinite(change)) {
                const double rounding = std::numeric_limits<Scalar>::digits > 24 ? 1e-10 : 1e-5;
                // what drowns in the rounding of F is told by the slopes of f at both ends
                if (std::abs(change) <= rounding * std::abs(objective))
                    change = lambda * (dot(there.gradient - gradient, target - x) / 2 + slope);
                if (slope < 0 && change <= above + sufficient_decrease * lambda * slope) {
                    accept(state, penalty, lambda);
                    return std::isfinite(state.here.value) ? Outcome::advanced
                                                           : Outcome::non_finite;
                }
                const double best = lambda * slope / (2 * (lambda * slope - change));
                shorter = slope < 0 ? std::clamp(best, 0.1, 0.9) : 0.1;
            }
            lambda *= shorter;
        }
        return Outcome::no_progress;
    }

    const auto& point(const auto& state) const { return state.here.x; }
    double value(const auto&, const auto& state) const { return state.here.value + state.penalty; }

private:
    template <class V>
    static void evaluate(auto&& smooth, Evaluation<V>& at) {
        at.value = static_cast<double>(smooth.value_and_gradient(std::as_const(at.x), at.gradient));
    }

    /// Moves on, and takes the next α from this step.
    template <class V>
    void accept(State<V>& state, double penalty, double lambda) const {
        const auto s = state.there.x - state.here.x;
        const auto y = state.there.gradient - state.here.gradient;
        const double sy = dot(s, y);
        state.length = lambda * state.alpha;
        state.alpha = sy > 0 ? std::clamp(dot(s, s) / sy, shortest, longest) : longest;
        swap(state.here, state.there);
        state.penalty = penalty;
        ++state.clock.iteration;
        state.values[state.clock.iteration % memory] = state.here.value + penalty;
    }

    static double dot(const auto& a, const auto& b) { return static_cast<double>(a.dot(b)); }
};

}  // namespace ermine
