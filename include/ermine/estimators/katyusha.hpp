// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/part.hpp>
#include <ermine/estimators/lazy_sweep.hpp>
#include <ermine/estimators/per_example_step.hpp>
#include <ermine/estimators/slope_table.hpp>
#include <ermine/estimators/snapshot.hpp>
#include <ermine/numerics/coupled_step.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/steps_until.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ermine {

/// Accelerated variance reduction: loopless Katyusha (Kovalev, Horváth & Richtárik 2020, algorithm
/// 2; after Allen-Zhu 2017), with θ₂ = ½ and θ₁ = min(√(2 n μ / 3 L), ½), L = Lmax:
///
///     x = θ₁ z + θ₂ w + (1 − θ₁ − θ₂) y,     g = ∇fᵢ(x) − ∇fᵢ(w) + ∇f(w),
///     z⁺ = z − t g,     y⁺ = x + θ₁ (z⁺ − z),     w⁺ = y with probability `renewal`, else w.
///
/// The method's point is z: what stands behind takes the step and the proximal map, and an ℓ2 part
/// is seen at z instead of x. O((n + √(n L/μ)) log 1/ε) gradients, where SAGA and SVRG need
/// n + L/μ: it pays where L/μ is far above n. Rounds and `value` are as of Svrg.
struct Katyusha {
    static constexpr Role role = Role::estimator;
    static constexpr bool repeats = false;
    static constexpr bool estimates = true;
    static constexpr double theta2 = 0.5;

    /// μ; by default what the objective says, or where that is 0 because of a free intercept, of a
    /// linear model, the curvature of its ℓ2 part.
    std::optional<double> strong_convexity = std::nullopt;
    double renewal = 0;  ///< probability a step; 0: 1/n
    std::uint64_t seed = 0;

    template <class F, class V>
    struct State {
        using Table = std::conditional_t<LinearSum<F>, SlopeTable, Snapshot<V>>;
        Table table;  // at w
        Random random;
        V y;
        V w;
        V next_w;
        double theta1 = 0;
        double mu = 0;
        std::int64_t until = 0;  // steps until the snapshot is renewed
        std::int32_t example = 0;
        double owed = 1;
        int moved = 0;  // 1: z has moved since the last estimate, 2: and w becomes next_w
        V x;            // scratch
        LazySweep<Coupled, CoupledStep> lazy;  // scratch
        auto fields() {
            return std::tuple_cat(table.fields(), std::tie(random, y, w, next_w, theta1, mu, until,
                                                           example, owed, moved));
        }
    };

    template <class F, class V>
    static consteval bool check() {
        static_assert(FiniteSum<SmoothPart<F>, V>,
                      "Katyusha needs a sum over examples (EmpiricalRisk, finite_sum): use "
                      "FullGradient{} | Constant{} | Nesterov{} for any other function");
        return FiniteSum<SmoothPart<F>, V>;
    }

    template <class F, class V>
    static constexpr bool sweeps = sweeps_lazily<F, V, CoupledStep>;

    /// Throws std::invalid_argument for a renewal outside [0, 1], and where Lmax or a μ > 0 is
    /// neither known nor given.
    template <class F, class V>
    State<F, V> start(const F& f, const V& x) const {
        require_between(renewal, 0, 1, "Katyusha.renewal");
        State<F, V> state{.table = {f, x},
                          .random = Random(seed),
                          .y = x,
                          .w = x,
                          .next_w = x,
                          .theta1 = theta1(f),
                          .mu = convexity(f),
                          .x = x,
                          .lazy = {}};
        state.until = period(f)(state.random);
        return state;
    }

    template <class F>
    double draw(const F& f, auto& state) const {
        const Index n = f.examples();
        if (state.moved == 2) {  // a full gradient is to come
            state.owed += 1;
            state.until = period(f)(state.random);
        }
        state.example =
            static_cast<std::int32_t>(state.random.below(static_cast<std::uint64_t>(n)));
        // the gradients at the snapshot are remembered of a linear sum alone
        return std::exchange(state.owed, 0) + (LinearSum<F> ? 1.0 : 2.0) / static_cast<double>(n);
    }

    template <class F, class V>
    double estimate(const F& f, const V& z, V& g, State<F, V>& state) const {
        using Scalar = typename V::Scalar;
        const auto a = static_cast<Scalar>(state.theta1);
        const auto b = static_cast<Scalar>(theta2);
        if (state.moved > 0) state.y = a * z + b * state.w + (1 - a - b) * state.y;
        if (state.moved == 2) renew(f, state);
        state.moved = 1;
        if (--state.until == 0) {
            state.next_w = state.y;
            state.moved = 2;
        }
        state.x = a * z + b * state.w + (1 - a - b) * state.y;
        const double value = state.table.estimate(f, state.example, state.x, g, 1, false);
        g += static_cast<Scalar>(state.mu) * (z - state.x);
        return value;
    }

    template <class F, class V>
    double sweep(const F& f, const auto& penalty, double length, V& z, State<F, V>& state,
                 Clock& clock) const {
        const Index n = f.examples();
        const Index most = std::min(n, state.lazy.most);
        const Index round = std::min<Index>(most, state.until);
        const auto terms = f.linear_terms(round);
        auto& lazy = state.lazy;
        lazy.step.prepare(length, curvature_of(terms, penalty), state.theta1, theta2, most);
        lazy.free.prepare(length, 0, state.theta1, theta2, 1);
        double loss = 0;
        Index done = 0;
        while (done < round) {
            // the step before which the next snapshot is seen runs alone
            const Index count = std::min(round - done, std::max<Index>(state.until - 1, 1));
            if (state.until == 1) state.next_w = state.y;
            state.until -= count;
            loss += static_cast<double>(count) *
                    lazy.run(
                        terms, penalty, {}, count, state.table.slopes, state.random,
                        [&](Index j, Coupled& c, double& slope) {
                            c = {static_cast<double>(z[j]), static_cast<double>(state.y[j]),
                                 static_cast<double>(state.w[j])};
                            slope = state.table.mean[j];
                        },
                        [&](Index j, const Coupled& c, double) {
                            z[j] = static_cast<typename V::Scalar>(c.z);
                            state.y[j] = static_cast<typename V::Scalar>(c.y);
                        });
            done += count;
        }
        if (state.until == 0) {
            renew(f, state);
            state.owed += 1;
            state.until = period(f)(state.random);
        }
        clock.epoch +=
            std::exchange(state.owed, 0) + static_cast<double>(done) / static_cast<double>(n);
        return loss / static_cast<double>(done) +
               terms.shift / 2 * static_cast<double>(z.head(terms.features()).squaredNorm());
    }

    /// η/(L (1 + ημ/L)), η = θ₂/((1 + θ₂) θ₁). Throws std::invalid_argument where L or μ is not
    /// known.
    double natural_step(const auto& f) const {
        const double smoothness = largest_smoothness(f, "Katyusha");
        if (smoothness == 0) return 1;
        const double eta = theta2 / ((1 + theta2) * theta1(f));
        return eta / (smoothness + eta * convexity(f));
    }

private:
    void renew(const auto& f, auto& state) const {
        state.w.swap(state.next_w);
        state.table.refresh(f, state.w);
    }

    StepsUntil period(const auto& f) const {
        return {renewal > 0 ? renewal : 1 / static_cast<double>(f.examples())};
    }

    double convexity(const auto& f) const {
        if (strong_convexity) {
            require_positive(*strong_convexity, "Katyusha.strong_convexity");
            return *strong_convexity;
        }
        double mu = 0;
        if constexpr (requires { f.strong_convexity(); })
            mu = static_cast<double>(f.strong_convexity());
        if constexpr (requires { f.linear_terms(0); })
            if (!(mu > 0)) mu = f.linear_terms(0).shift;
        if (!(mu > 0))
            throw std::invalid_argument(
                "Katyusha needs a strongly convex objective: add L2{...}, give "
                "Katyusha{.strong_convexity = ...}, or use Saga");
        return mu;
    }

    double theta1(const auto& f) const {
        const double smoothness = largest_smoothness(f, "Katyusha");
        const double n = static_cast<double>(f.examples());
        return smoothness > 0 ? std::min(std::sqrt(2 * n * convexity(f) / (3 * smoothness)), 0.5)
                              : 0.5;
    }
};

}  // namespace ermine
