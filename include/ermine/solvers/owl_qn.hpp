// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/regularized.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace ermine {

/// L-BFGS for f + L1{λ} with f smooth (Andrew & Gao, "Scalable training of L1-regularized
/// log-linear models", 2007). In an orthant F is smooth; a step searches the one that contains x
/// and that −⋄F points into where xᵢ = 0, with the pseudo-gradient ⋄F (the shortest subgradient,
/// their eq. 4), and what would leave it is projected back to it: zeros are exact.
///
/// Two of its faults, named by Byrd, Chin, Nocedal & Oztoprak ("A family of second-order methods
/// for convex ℓ1-regularized optimization", 2016), are mended. The direction is that of the
/// subspace of the numbers that may move: the updates see those parts of the pairs alone, so that
/// numbers that stay at 0 don't spoil it. And numbers other than 0 are not aligned with −⋄F, but
/// where the step would not descend otherwise.
struct OWLQN {
    static constexpr bool repeats = true;

    Index memory = 10;                  ///< number of pairs
    double sufficient_decrease = 1e-4;  ///< c: F(x⁺) <= F(x) + c ⋄Fᵀ(x⁺ − x)
    int trials = 60;                    ///< then no step is found

    template <class V>
    struct State {
        using Scalar = typename V::Scalar;
        using Columns = Eigen::Matrix<Scalar, V::RowsAtCompileTime, Eigen::Dynamic>;

        Evaluation<V> here;  // of the smooth part
        Evaluation<V> there;
        V pseudo;     // ⋄F
        V orthant;    // signs of the orthant: ±1, 0 where nothing is penalized
        V free;       // 1 where a number may move, otherwise 0
        V direction;  // d: the point moves by −t d
        Columns s;
        Columns y;
        Eigen::Array<double, Eigen::Dynamic, 2> numbers;  // of the two loops
        Index next = 0;
        Index known = 0;
        double lambda = 0;
        Index penalized = 0;  // how many numbers, from the first on
        double objective = 0;
        Clock clock = {};
        double length = 0;
        auto fields() {
            return std::tie(here.x, here.value, here.gradient, s, y, next, known, objective,
                            clock.iteration, clock.epoch, length);
        }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool penalty_is_l1 = [] {
            if constexpr (requires(const F& f) { f.nonsmooth_part(); })
                return std::same_as<
                    std::remove_cvref_t<decltype(std::declval<const F&>().nonsmooth_part())>, L1>;
            else
                return false;
        }();
        static_assert(penalty_is_l1,
                      "OWLQN is for f + L1{...}: for the elastic net write f + L1{a} + L2{b}, for "
                      "bounds use LBFGSB{}, for other penalties fista(), without one lbfgs()");
        if constexpr (!penalty_is_l1) {
            return false;
        } else {
            constexpr bool has_gradient = Differentiable<SmoothPart<F>, V>;
            static_assert(has_gradient,
                          "OWLQN needs f.value_and_gradient(x, g) of the smooth part: write it, or "
                          "wrap f in autodiff(f) or finite_difference(f)");
            return has_gradient;
        }
    }

    /// Throws std::invalid_argument for an option out of its range.
    template <class F, class V>
    State<V> start(const F& f, const V& x) const {
        require_positive(static_cast<double>(memory), "OWLQN.memory");
        require_positive(static_cast<double>(trials), "OWLQN.trials");
        if (!(sufficient_decrease > 0 && sufficient_decrease < 1))
            throw std::invalid_argument("OWLQN.sufficient_decrease is " +
                                        std::to_string(sufficient_decrease) +
                                        ": it must lie between 0 and 1");
        const V zero = V::Zero(x.size());
        State<V> state{.here = {x, 0, zero},
                       .there = {x, 0, zero},
                       .pseudo = zero,
                       .orthant = zero,
                       .free = zero,
                       .direction = zero,
                       .s = State<V>::Columns::Zero(x.size(), memory),
                       .y = State<V>::Columns::Zero(x.size(), memory),
                       .numbers = Eigen::Array<double, Eigen::Dynamic, 2>::Zero(memory, 2)};
        state.lambda = f.nonsmooth_part().lambda;
        auto&& smooth = f.smooth_part();
        state.penalized = penalized_size(smooth, x);
        evaluate(smooth, state.here);
        state.objective = objective(state, state.here);
        return state;
    }

    template <class F>
    Outcome advance(const F& f, auto& state) const {
        auto&& smooth = f.smooth_part();
        choose_orthant(state);
        std::int64_t evaluations = 0;
        do {
            aim(state);
            if (!state.direction.allFinite()) return Outcome::non_finite;
            if (search(smooth, state, evaluations)) {
                learn(state);
                swap(state.here, state.there);
                ++state.clock.iteration;
                state.clock.epoch += static_cast<double>(evaluations);
                return std::isfinite(state.objective) ? Outcome::advanced : Outcome::non_finite;
            }
        } while (std::exchange(state.known, 0) > 0);  // once more, with nothing learnt
        return Outcome::no_progress;
    }

    const auto& point(const auto& state) const { return state.here.x; }
    double value(const auto&, const auto& state) const { return state.objective; }

private:
    template <class V>
    static double objective(const State<V>& state, const Evaluation<V>& at) {
        return at.value + L1{state.lambda}.value(at.x.head(state.penalized));
    }

    template <class V>
    static void evaluate(const auto& smooth, Evaluation<V>& at) {
        at.value = static_cast<double>(smooth.value_and_gradient(std::as_const(at.x), at.gradient));
    }

    /// The pseudo-gradient, the orthant and the numbers that may move.
    template <class V>
    static void choose_orthant(State<V>& state) {
        using Scalar = typename V::Scalar;
        const auto lambda = static_cast<Scalar>(state.lambda);
        const V& x = state.here.x;
        const V& g = state.here.gradient;
        state.pseudo = g;
        state.orthant.setZero();
        state.free.setOnes();
        for (Index i = 0; i < state.penalized; ++i) {
            const Scalar sign = x[i] > 0 || (x[i] == 0 && g[i] < -lambda)  ? Scalar{1}
                                : x[i] < 0 || (x[i] == 0 && g[i] > lambda) ? Scalar{-1}
                                                                           : Scalar{0};
            state.orthant[i] = sign;
            const bool stays = sign == 0 && std::abs(g[i]) <= lambda;
            state.pseudo[i] = stays ? Scalar{0} : g[i] + sign * lambda;
            state.free[i] = stays ? Scalar{0} : Scalar{1};
        }
    }

    /// d = H ⋄F in the subspace of the numbers that may move, made a direction that descends.
    template <class V>
    void aim(State<V>& state) const {
        V& d = state.direction;
        d = state.pseudo;
        if (state.known == 0) {
            const auto norm = d.norm();
            if (norm > 1) d /= norm;
            return;
        }
        two_loops(state);
        // at 0 there is only one way to go
        const auto at_zero = [&](Index i) { return state.here.x[i] == 0; };
        for (Index i = 0; i < state.penalized; ++i)
            if (at_zero(i) && d[i] * state.pseudo[i] < 0) d[i] = 0;
        constexpr double least = 1e-10;  // of the cosine between both
        if (!(dot(d, state.pseudo) > least * norm(d) * norm(state.pseudo)))
            for (Index i = 0; i < state.penalized; ++i)
                if (d[i] * state.pseudo[i] < 0) d[i] = 0;  // descends unless all is 0
    }

    /// Nocedal & Wright 2006, algorithm 7.4, with the parts of the pairs in the subspace.
    template <class V>
    void two_loops(State<V>& state) const {
        using Scalar = typename V::Scalar;
        V& d = state.direction;
        const auto s = [&](Index i) { return state.s.col(i); };
        const auto y = [&](Index i) { return state.y.col(i).cwiseProduct(state.free); };
        auto alpha = state.numbers.col(0);
        auto curvature = state.numbers.col(1);  // sᵀy in the subspace; 0 if there is none
        double scale = 0;
        Index i = state.next;
        for (Index k = 0; k < state.known; ++k) {
            i = i == 0 ? memory - 1 : i - 1;
            const double sy = dot(s(i), y(i));
            const double yy = dot(y(i), y(i));
            curvature[i] = sy > noise<V>() * std::sqrt(yy * dot(s(i), s(i))) ? sy : 0;
            if (curvature[i] == 0) continue;
            if (scale == 0) scale = sy / yy;
            alpha[i] = dot(s(i), d) / sy;
            d -= static_cast<Scalar>(alpha[i]) * y(i);
        }
        if (scale > 0) d *= static_cast<Scalar>(scale);
        i = state.known < memory ? 0 : state.next;
        for (Index k = 0; k < state.known; ++k) {
            if (curvature[i] > 0)
                d += static_cast<Scalar>(alpha[i] - dot(y(i), d) / curvature[i]) *
                     s(i).cwiseProduct(state.free);
            i = i + 1 == memory ? 0 : i + 1;
        }
    }

    /// Shortens the step until F falls enough; whether it did.
    template <class V>
    bool search(const auto& smooth, State<V>& state, std::int64_t& evaluations) const {
        using Scalar = typename V::Scalar;
        auto& there = state.there;
        double t = 1;
        for (int trial = 0; trial < trials; ++trial) {
            there.x = state.here.x - static_cast<Scalar>(t) * state.direction;
            for (Index i = 0; i < state.penalized; ++i)
                if (there.x[i] * state.orthant[i] <= 0) there.x[i] = 0;
            if (there.x == state.here.x) return false;
            evaluate(smooth, there);
            ++evaluations;
            const double reached = objective(state, there);
            double shorter = 0.1;
            if (std::isfinite(reached)) {
                const auto moved = there.x - state.here.x;
                const double slope = dot(moved, state.pseudo);
                double change = reached - state.objective;
                const double rounding = std::numeric_limits<Scalar>::digits > 24 ? 1e-10 : 1e-5;
                // what drowns in the rounding of F is told by the slopes at both ends
                if (std::abs(change) <= rounding * std::abs(state.objective))
                    change = (slope + dot(moved, there.gradient) +
                              state.lambda * dot(moved, state.orthant)) /
                             2;
                if (slope < 0 && change <= sufficient_decrease * slope) {
                    state.objective = reached;
                    state.length = t;
                    return true;
                }
                const double best = slope / (2 * (slope - change));
                shorter = slope < 0 ? std::clamp(best, 0.1, 0.5) : 0.5;
            } else if (reached == -std::numeric_limits<double>::infinity()) {
                state.objective = reached;
                return true;
            }
            t *= shorter;
        }
        return false;
    }

    template <class V>
    void learn(State<V>& state) const {
        auto s = state.s.col(state.next);
        auto y = state.y.col(state.next);
        s = state.there.x - state.here.x;
        y = state.there.gradient - state.here.gradient;
        const double sy = dot(s, y);
        const double yy = dot(y, y);
        if (!(sy > noise<V>() * std::sqrt(yy * dot(s, s))) || !std::isfinite(yy)) return;
        state.next = state.next + 1 == memory ? 0 : state.next + 1;
        state.known = std::min(state.known + 1, memory);
    }

    template <class V>
    static constexpr double noise() {
        return std::numeric_limits<typename V::Scalar>::epsilon();
    }

    static double dot(const auto& a, const auto& b) { return static_cast<double>(a.dot(b)); }
    static double norm(const auto& a) { return static_cast<double>(a.norm()); }
};

}  // namespace ermine
