// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/data/shuffled_each_epoch.hpp>
#include <ermine/numerics/relative_progress_cg.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/solvers/model_run.hpp>
#include <ermine/solvers/reduction_ratio.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

namespace ermine {

/// Hessian-free optimization (Martens, "Deep learning via Hessian-free optimization", ICML 2010,
/// algorithm 2): each round minimizes the damped quadratic model
///
///     q(p) + λ/2 ‖p‖²,   q(p) = ∇fᵀp + ½ pᵀGp
///
/// by conjugate gradients (RelativeProgressCG), with products of the Gauss–Newton matrix G alone,
/// over all examples or a batch of `curvature` of them, drawn anew each round. Value and gradient
/// are those of f, over all examples. From the paper:
///
/// - 4.1: λ becomes ⅔ λ where f falls by more than ¾ of what q says, 3/2 λ below ¼ of it;
/// - 4.4: CG ends where the model falls by less than `progress` an iteration, or at `iterations`;
/// - 4.5: it begins at `decay` times where the last one ended (unless 0 is better);
/// - 4.6: of the iterates kept on the way, from the last on, one is taken as soon as f, over the
///   examples of the products, is higher at the one before it, and the step along it is halved
///   until f falls as far as Armijo's rule asks with 10⁻² (the paper takes 0.8 of it each time).
///
/// So f never rises. Where no step is found λ grows tenfold, and CG begins at 0, up to `trials`
/// times. The preconditioner of section 4.7 is left out. The clock's epochs count each product,
/// value and gradient by the share of the examples that it passes over.
///
///     minimize(risk, x0, HessianFree{.curvature = 1000}, MaxEpochs{100})
struct HessianFree {
    Index curvature = 0;     ///< examples that G is taken over; 0: all
    double damping = 1;      ///< λ of the first round
    double progress = 5e-4;  ///< relative, an iteration of CG
    Index iterations = 250;  ///< of CG in a round, at most
    double decay = 0.95;     ///< of the last direction, where CG begins; 0: begin at 0
    int trials = 20;         ///< without a step, then none is found
    std::uint64_t seed = 0;  ///< of the batches

    static constexpr bool repeats = true;

    /// Everything that a run remembers.
    template <class V>
    struct State {
        Evaluation<V> here;
        Evaluation<V> there;
        V last;  // where CG ended
        V step;
        RelativeProgressCG<V> cg;
        std::vector<std::int32_t> rows;
        ShuffledEachEpoch::State order;
        double damping;
        double length = 0;  // of the last step
        Clock clock = {};
        auto fields() { return std::tie(here, last, order, damping, length, clock); }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool smooth = !Composite<F, V>;
        static_assert(smooth,
                      "a proximal penalty (L1, ElasticNet, Box) has no Hessian: use FullGradient{} "
                      "| Constant{} | Nesterov{}, or the penalty L2");
        if constexpr (smooth) {
            static_assert(
                GaussNewtonProducts<F, V>,
                "HessianFree needs f.gauss_newton_product(x, v, Gv), as the EmpiricalRisk "
                "of a network has it: use TrustRegionCG{} for f.hessian_product(x, v, "
                "Hv), lbfgs() for gradients alone");
            return GaussNewtonProducts<F, V>;
        } else {
            return false;
        }
    }

    /// Evaluates f at x. Throws std::invalid_argument for an option out of its range, and for a
    /// batch of an objective that takes none, or of more examples than there are.
    template <class F, class V>
    State<V> start(const F& f, const V& x) const {
        require_not_negative(curvature, "HessianFree.curvature");
        require_positive(damping, "HessianFree.damping");
        require_nonnegative(progress, "HessianFree.progress");
        require_count(iterations, "HessianFree.iterations");
        require_between(decay, 0, 1, "HessianFree.decay");
        require_trials(trials, "HessianFree.trials");
        const ShuffledEachEpoch sampler{.seed = seed};
        Index examples = 1;
        if (curvature > 0) {
            if constexpr (BatchGaussNewtonProducts<F, V>)
                examples = f.examples();
            else
                refuse("HessianFree.curvature", curvature,
                       "the objective has no f.gauss_newton_product(x, batch, v, Gv); give 0");
            require_batch(curvature, examples, "HessianFree.curvature");
        }
        const V zero = V::Zero(x.size());
        State<V> state{{x, 0, zero},
                       {x, 0, zero},
                       zero,
                       zero,
                       {x.size(), iterations},
                       std::vector<std::int32_t>(static_cast<std::size_t>(curvature)),
                       sampler.start(examples),
                       damping};
        evaluate(f, state.here, state.clock);
        state.clock = {};
        return state;
    }

    /// One step.
    template <class F, class V>
    Outcome advance(const F& f, State<V>& state) const {
        auto& [here, there, last, step, cg, rows, order, lambda, length, clock] = state;
        if (!std::isfinite(here.value) || !here.gradient.allFinite()) return Outcome::non_finite;
        for (int trial = 0; trial < trials; ++trial) {
            draw(rows, order);
            last *= static_cast<typename V::Scalar>(decay);
            const bool finite = cg.solve(
                [&](const V& v, V& product) {
                    multiply(f, here.x, rows, v, product);
                    product += static_cast<typename V::Scalar>(lambda) * v;
                },
                here.gradient, progress, last);
            clock.epoch += static_cast<double>(cg.products()) * share(f, rows);
            if (!finite) return Outcome::non_finite;
            if (cg.kept() == 0) return Outcome::no_progress;
            const Index chosen = choose(f, state);
            step = cg.iterate(chosen);
            const double square = static_cast<double>(step.squaredNorm());
            const double predicted = lambda / 2 * square - cg.value(chosen);  // −q(step)
            if (!(predicted > 0)) return Outcome::no_progress;
            there.x = here.x + step;
            if (there.x == here.x) return Outcome::no_progress;
            evaluate(f, there, clock);
            const double ratio = reduction_ratio(here, there, step, predicted);
            if (ratio > 0.75)
                lambda *= 2.0 / 3;
            else if (!(ratio >= 0.25))
                lambda *= 1.5;
            if (ratio > 1e-4 || shorten(f, state)) {
                swap(here, there);
                length = static_cast<double>(step.stableNorm());
                ++clock.iteration;
                return Outcome::advanced;
            }
            lambda *= 10;
            last.setZero();
        }
        return Outcome::no_progress;
    }

    const auto& point(const auto& state) const { return state.here.x; }

    double value(const auto&, const auto& state) const { return state.here.value; }

private:
    /// The next examples for the products; at the end of an epoch filled up from the next.
    void draw(std::vector<std::int32_t>& rows, ShuffledEachEpoch::State& order) const {
        const ShuffledEachEpoch sampler{.seed = seed};
        for (std::size_t have = 0; have < rows.size();) {
            const Batch drawn = sampler.draw(order, static_cast<Index>(rows.size() - have));
            std::copy(drawn.begin(), drawn.end(), rows.begin() + static_cast<std::ptrdiff_t>(have));
            have += drawn.size();
        }
    }

    template <class F, class V>
    static void multiply(const F& f, const V& x, Batch rows, const V& v, V& product) {
        if constexpr (BatchGaussNewtonProducts<F, V>) {
            if (!rows.empty()) {
                f.gauss_newton_product(x, rows, v, product);
                return;
            }
        }
        f.gauss_newton_product(x, v, product);
    }

    /// Of all examples, that the products pass over.
    template <class F>
    static double share(const F& f, const std::vector<std::int32_t>& rows) {
        if constexpr (requires { f.examples(); })
            if (!rows.empty())
                return static_cast<double>(rows.size()) / static_cast<double>(f.examples());
        return 1;
    }

    static void evaluate(const auto& f, auto& place, Clock& clock) {
        const auto& x = place.x;
        place.value = static_cast<double>(f.value_and_gradient(x, place.gradient));
        clock.epoch += 1;
    }

    /// The number of the iterate to go to: back from the last on while f falls, over the examples
    /// of the products.
    template <class F, class V>
    static Index choose(const F& f, State<V>& state) {
        const auto at = [&](Index number) {
            state.there.x = state.here.x + state.cg.iterate(number);
            const auto& x = state.there.x;
            state.clock.epoch += share(f, state.rows);
            if constexpr (BatchGaussNewtonProducts<F, V> &&
                          requires { f.value(x, Batch(state.rows)); })
                if (!state.rows.empty()) return static_cast<double>(f.value(x, Batch(state.rows)));
            return static_cast<double>(f.value(x));
        };
        Index chosen = 0;
        if (state.cg.kept() == 1) return chosen;
        double value = at(0);
        while (chosen + 1 < state.cg.kept()) {
            const double before = at(chosen + 1);
            if (before >= value && std::isfinite(value)) break;
            value = before;
            ++chosen;
        }
        return chosen;
    }

    /// Halves the step until f falls enough, and evaluates f there; false if it does not.
    template <class V>
    static bool shorten(const auto& f, State<V>& state) {
        const auto slope = static_cast<double>(state.here.gradient.dot(state.step));
        double scale = 1;
        for (int k = 0; k < 20; ++k) {
            scale /= 2;
            state.there.x = state.here.x + static_cast<typename V::Scalar>(scale) * state.step;
            const auto& x = state.there.x;
            state.clock.epoch += 1;
            if (!(static_cast<double>(f.value(x)) <= state.here.value + 0.01 * scale * slope))
                continue;
            if (state.there.x == state.here.x) return false;
            evaluate(f, state.there, state.clock);
            state.step *= static_cast<typename V::Scalar>(scale);
            return std::isfinite(state.there.value) && state.there.gradient.allFinite();
        }
        return false;
    }
};

}  // namespace ermine
