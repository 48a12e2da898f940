// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/duality_gap.hpp>
#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/loss.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/balance_slopes.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/objectives/linear_pass.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/newton_preconditioner.hpp>
#include <ermine/objectives/no_penalty.hpp>
#include <ermine/objectives/sampled_correction.hpp>
#include <ermine/objectives/sampled_problem.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/relative_gap.hpp>
#include <ermine/solvers/status.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

namespace ermine {

/// A linear model with a smooth convex loss and no penalty but ℓ2.
template <class F>
concept SmoothLinearObjective =
    LinearObjective<F> && std::same_as<typename LinearProblemOf<F>::Model, Linear> &&
    std::same_as<typename LinearProblemOf<F>::Penalty, NoPenalty> &&
    TwiceDifferentiableLoss<typename LinearProblemOf<F>::Loss> &&
    is_convex<typename LinearProblemOf<F>::Loss>;

/// Newton's method for linear models with an ℓ2 penalty, in steps by preconditioned conjugate
/// gradients, each of which is one pass over the data (Lin, Weng & Keerthi, "Trust region Newton
/// method for large-scale logistic regression", JMLR 9, 2008, has the same costs):
///
/// - the preconditioner is NewtonPreconditioner's: with few features the Cholesky factor of the
///   Hessian over a sample, so that two or three iterations make a step; else a diagonal;
/// - predictions are kept and moved along, so that the line search needs no data;
/// - with few features it begins on samples of the examples, each sixteen times larger than the one
///   before, which leaves two or three steps for all of them (from x₀ = 0; a warm start is kept);
/// - an iteration that adds less than `forcing` of the mean gain of those before ends the step
///   (Nash & Sofer, "Assessing a search direction within a truncated-Newton method", 1990), unless
///   the gap that was asked for is in reach of this step: then it goes on until the gap is there,
///   and the run ends without the gradient of its last point.
///
/// The dual point is the linearization of the slopes along the step, aᵢ = ℓ'(pᵢ) + ℓ''(pᵢ) Δpᵢ,
/// moved into the domain of the conjugate: with w(a) = −Xᵀa / nλ the gap is the Fenchel–Young
/// residual of a, of fourth order in the step, plus ½ λ ‖w − w(a)‖², what conjugate gradients left,
/// most of which SampledCorrection takes away.
/// Without a penalty there is no gap. A loss with a piecewise linear slope (SquaredHingeLoss) takes
/// part with its generalized Hessian.
struct LinearNewtonCG {
    double accuracy = 0;    ///< the relative gap that will be asked for; 0: not known
    double forcing = 0.1;   ///< in (0, 1)
    int iterations = 1000;  ///< most of conjugate gradients in a step
    int trials = 40;        ///< of the line search, each half as long as the one before

    static constexpr bool repeats = true;
    using Stop = FirstOf<RelativeGap, MaxIterations>;

    template <class Problem>
    struct State {
        LinearPass<Problem> pass;
        NewtonPreconditioner preconditioner;
        SampledCorrection correction;
        Evaluation<Eigen::VectorXd> here;
        Eigen::VectorXd p, slopes, curvatures, dual, bend, moved, image;  // a number an example
        Eigen::VectorXd step, residual, scaled, direction, product;       // a number a parameter
        DualityGap bounds = {};
        Clock clock = {};
        LinearWork work = {};
        double decrement = 0;  // what the quadratic model promised of the last step
        int last = 0;          // iterations of conjugate gradients in it
        bool known = true;     // the gradient at the point
        bool reached = false;  // conjugate gradients ended since the gap would be there
        bool missed = false;   // it was not
        bool sample = false;   // not all examples: no gap is wanted
        bool separated = false;

        State(const Problem& problem, const Eigen::VectorXd& x)
            : pass(problem), here{x, 0, Eigen::VectorXd::Zero(x.size())} {
            for (Eigen::VectorXd* v : {&p, &slopes, &curvatures, &dual, &bend, &moved, &image})
                v->setZero(problem.examples());
            for (Eigen::VectorXd* v : {&step, &residual, &scaled, &direction, &product})
                v->setZero(x.size());
        }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool smooth = SmoothLinearObjective<F>;
        static_assert(smooth,
                      "LinearNewtonCG needs EmpiricalRisk{Linear{d}, loss, data} with a convex "
                      "loss that has a second derivative, alone or + L2{...}: Auto{} takes others");
        constexpr bool in_double = std::same_as<typename V::Scalar, double>;
        static_assert(in_double || !smooth,
                      "LinearNewtonCG keeps parameters in double: take risk.in_double() and begin "
                      "at its zero()");
        return smooth && in_double;
    }

    /// Throws std::invalid_argument for an option out of its range.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        require_nonnegative(accuracy, "LinearNewtonCG.accuracy");
        require_fraction(forcing, "LinearNewtonCG.forcing");
        require_count(iterations, "LinearNewtonCG.iterations");
        require_count(trials, "LinearNewtonCG.trials");
        const auto problem = f.linear_problem();
        using Problem = std::remove_const_t<decltype(problem)>;
        NewtonPreconditioner known;
        State<Problem> state(problem, x);
        if (state.here.x.isZero(0)) begin_on_samples(problem, state.here.x, known);
        begin(problem, state);
        state.preconditioner = std::move(known);
        return state;
    }

    template <class F>
    Outcome advance(const F& f, auto& state) const {
        const auto problem = f.linear_problem();
        const Outcome outcome = round(problem, state);
        report_work(f, std::exchange(state.work, {}));
        return outcome;
    }

    const auto& point(const auto& state) const { return state.here.x; }
    double value(const auto&, const auto& state) const { return state.here.value; }
    DualityGap gap(const auto&, const auto& state) const { return state.bounds; }

    /// Classes that a hyperplane separates have no best one without a penalty.
    std::optional<Status> ended(const auto& state) const {
        if (state.separated) return Status::separable;
        return std::nullopt;
    }

private:
    /// The solution of one sample after the other, to the precision that it deserves, into x.
    template <class Problem>
    void begin_on_samples(const Problem& problem, Eigen::VectorXd& x,
                          NewtonPreconditioner& known) const {
        const Index n = problem.examples();
        if (problem.parameters() > NewtonPreconditioner::dense_up_to || problem.parameters() == 0)
            return;
        for (Index count = NewtonPreconditioner::sample_size(problem.parameters()); 4 * count <= n;
             count *= 16) {
            const SampledProblem<Problem> sample(problem, count);
            State<Problem> state(sample.problem(), x);
            state.preconditioner = std::move(known);
            state.sample = true;
            begin(sample.problem(), state);
            for (int k = 0; k < 20; ++k) {
                const Outcome outcome = round(sample.problem(), state);
                if (outcome != Outcome::advanced || state.separated) break;
                if (state.decrement <= 1e-3 * std::abs(state.here.value)) break;
            }
            known = std::move(state.preconditioner);
            known.renew();
            if (state.here.x.allFinite()) x = state.here.x;
        }
    }

    template <class Problem>
    void begin(const Problem& problem, State<Problem>& state) const {
        if (!state.here.x.isZero(0)) state.pass.predict(problem, state.here.x, state.p);
        state.here.value = state.pass.slopes(problem, state.p, state.slopes, state.curvatures) +
                           penalty(problem, state.here.x);
        take_gradient(problem, state);
        state.dual = state.slopes;
        state.residual = state.here.gradient;
        bound_below(problem, state);
        bound_by_gradient(problem, state);
    }

    template <class Problem>
    Outcome round(const Problem& problem, State<Problem>& state) const {
        if (!state.known) take_gradient(problem, state);
        if (!std::isfinite(state.here.value) || !state.here.gradient.allFinite())
            return Outcome::non_finite;
        state.preconditioner.look(problem, state.curvatures, state.last, state.missed);
        solve(problem, state);
        state.clock.epoch += state.last + 1;
        ++state.clock.iteration;
        const double before = state.here.value;
        const double length = search(problem, state);
        if (!(length > 0)) return Outcome::no_progress;
        state.here.x += length * state.step;
        state.dual += length * state.bend;
        state.residual = length * state.residual + (1 - length) * state.here.gradient;
        const DualityGap old = state.bounds;
        state.known = false;
        bound_below(problem, state);
        state.missed = state.reached && state.bounds.absolute() > allowed(state);
        if (state.bounds.absolute() <= allowed(state)) {
            state.here.gradient.setConstant(std::numeric_limits<double>::quiet_NaN());
            return Outcome::advanced;
        }
        take_gradient(problem, state);
        bound_by_gradient(problem, state);
        if (problem.l2 == 0) find_separation(problem, state);
        const bool settled = std::abs(before - state.here.value) <=
                             4 * std::numeric_limits<double>::epsilon() * std::abs(before);
        // also where no gap is known
        if (settled && !(state.bounds.absolute() < 0.5 * old.absolute()))
            return Outcome::no_progress;
        return Outcome::advanced;
    }

    /// Conjugate gradients on H d = −∇F: step = d, residual = ∇F + H d, image = [X 1] d.
    template <class Problem>
    void solve(const Problem& problem, State<Problem>& state) const {
        auto& r = state.residual;
        auto& v = state.direction;
        const Index m = problem.penalized();
        const double enough = allowed(state);
        const double share = static_cast<double>(problem.examples()) /
                             static_cast<double>(state.preconditioner.count());  // or +∞
        bool asked = false;
        double fenchel_young = 0;
        state.step.setZero();
        state.image.setZero();
        r = state.here.gradient;
        state.preconditioner.solve(r, state.scaled);
        v = -state.scaled;
        double length = r.dot(state.scaled);
        state.decrement = 0;
        for (state.last = 0; state.last < iterations;) {
            state.pass.curve(problem, state.curvatures, v, state.moved, state.product);
            ++state.work.products;
            state.product.head(m) += problem.l2 * v.head(m);
            const double curvature = v.dot(state.product);
            if (!(curvature > 0)) break;
            const double t = length / curvature;
            state.step += t * v;
            state.image += t * state.moved;
            r += t * state.product;
            ++state.last;
            const double gain = 0.5 * t * length;
            state.decrement += gain;
            state.preconditioner.solve(r, state.scaled);
            const double next = r.dot(state.scaled);
            const bool settled = state.last * gain <= forcing * state.decrement;
            if (enough > 0) {
                // what the gap will hold of the residual: as it is, or corrected
                const double plain = r.squaredNorm() / (2 * problem.l2);
                if (plain <= 0.3 * enough) break;
                const double left = std::min(0.5 * share * t * next, plain);
                if (settled || left <= 0.3 * enough) {
                    if (!asked) fenchel_young = take_fenchel_young(problem, state);
                    asked = fenchel_young <= 0.7 * enough;
                    if (asked ? left <= enough - 1.1 * fenchel_young : settled) break;
                }
            } else if (settled) {
                break;
            }
            v = next / length * v - state.scaled;
            length = next;
        }
        state.reached = asked;
        state.dual = state.slopes;
        state.bend = state.curvatures.cwiseProduct(state.image);
    }

    /// The largest gap that is as good as asked for; 0 where it is not known, or none is wanted.
    double allowed(const auto& state) const {
        return state.sample ? 0 : accuracy / (1 + accuracy) * std::abs(state.here.value);
    }

    /// The Fenchel–Young residual of the linearized slopes at p + image.
    template <class Problem>
    static double take_fenchel_young(const Problem& problem, State<Problem>& state) {
        state.moved = state.p + state.image;
        state.dual = state.slopes + state.curvatures.cwiseProduct(state.image);
        bool any = false;
        const double conjugate = state.pass.conjugate(problem, state.dual, any);
        return state.pass.value(problem, state.moved) + conjugate -
               state.dual.dot(state.moved) / static_cast<double>(problem.examples());
    }

    /// How far along the step: the first of 1, ½, ¼, … that lowers F enough, 0 if none does. Value,
    /// predictions and slopes are those of the point found.
    template <class Problem>
    double search(const Problem& problem, State<Problem>& state) const {
        const Index m = problem.penalized();
        const auto w = state.here.x.head(m);
        const auto d = state.step.head(m);
        const double along = w.dot(d);
        const double square = d.squaredNorm();
        const double before = state.here.value;
        const double kept = penalty(problem, state.here.x);
        const double slope = state.here.gradient.dot(state.step);
        const double noise = 4 * std::numeric_limits<double>::epsilon() * std::abs(before);
        double t = 1;
        for (int trial = 0; trial < trials; ++trial, t /= 2) {
            state.moved = state.p + t * state.image;
            const double risk =
                trial == 0 ? state.pass.slopes(problem, state.moved, state.slopes, state.curvatures)
                           : state.pass.value(problem, state.moved);
            const double value = risk + kept + problem.l2 * (t * along + 0.5 * t * t * square);
            ++state.work.values;
            if (value <= before + 1e-4 * t * slope + noise) {
                if (trial > 0)
                    state.pass.slopes(problem, state.moved, state.slopes, state.curvatures);
                state.p.swap(state.moved);
                state.here.value = value;
                return t;
            }
        }
        return 0;
    }

    template <class Problem>
    static void take_gradient(const Problem& problem, State<Problem>& state) {
        const Index m = problem.penalized();
        state.pass.transpose(problem, state.slopes, state.here.gradient);
        state.here.gradient.head(m) += problem.l2 * state.here.x.head(m);
        ++state.work.gradients;
        state.known = true;
    }

    /// The gap of the slopes at the point: ‖∇F‖² / 2λ.
    template <class Problem>
    static void bound_by_gradient(const Problem& problem, State<Problem>& state) {
        if (!(problem.l2 > 0) || problem.intercept() || state.sample) return;
        keep(state, state.here.gradient.squaredNorm() / (2 * problem.l2));
    }

    static void keep(auto& state, double gap) {
        if (gap == gap) state.bounds.dual = std::max(state.bounds.dual, state.here.value - gap);
    }

    /// The dual value of the slopes `dual`, for which (1/n) [X 1]ᵀ dual + λ w is `residual`; the
    /// best one so far is kept. Where the Fenchel–Young residual alone is more than the gap that
    /// was asked for, no more is done.
    template <class Problem>
    void bound_below(const Problem& problem, State<Problem>& state) const {
        state.bounds.primal = state.here.value;
        if (!(problem.l2 > 0) || state.sample) return;
        const Index m = problem.penalized();
        const double n = static_cast<double>(problem.examples());
        const double risk = state.here.value - penalty(problem, state.here.x);
        const auto take = [&](double conjugate) {
            return std::max(risk + conjugate - state.dual.dot(state.p) / n, 0.0);
        };
        const auto left = [&] { return state.residual.head(m).squaredNorm() / (2 * problem.l2); };
        bool moved = false;
        double fenchel_young = take(state.pass.conjugate(problem, state.dual, moved));
        const double enough = allowed(state);
        if (enough > 0 && fenchel_young > enough) return;
        if (moved) take_residual(problem, state);
        if (!problem.intercept()) keep(state, fenchel_young + left());
        if (left() > fenchel_young)
            fenchel_young += state.correction.correct(problem, state.preconditioner, state.p,
                                                      state.curvatures, state.dual, state.residual);
        if (problem.intercept() && balance_slopes(state.dual)) {
            fenchel_young = take(state.pass.conjugate(problem, state.dual, moved));
            take_residual(problem, state);
        }
        keep(state, std::max(fenchel_young, 0.0) + left());
    }

    template <class Problem>
    static void take_residual(const Problem& problem, State<Problem>& state) {
        const Index m = problem.penalized();
        state.pass.transpose(problem, state.dual, state.residual);
        state.residual.head(m) += problem.l2 * state.here.x.head(m);
    }

    /// Whether all examples of losses of the margin are on their side, where such a loss still
    /// falls: one that is flat from some margin on (SquaredHingeLoss) has a best point.
    template <class Problem>
    static void find_separation(const Problem& problem, State<Problem>& state) {
        using Loss = typename Problem::Loss;
        if constexpr (requires { requires std::same_as<typename Loss::argument, Margin>; }) {
            if (!(problem.loss.derivative(10.0, 1.0) < 0)) return;
            for (Index i = 0; i < problem.examples(); ++i)
                if (problem.weight(i) > 0 && !(problem.targets[i] * state.p[i] > 0)) return;
            state.separated = true;
        }
    }

    static double penalty(const auto& problem, const Eigen::VectorXd& x) {
        return 0.5 * problem.l2 * x.head(problem.penalized()).squaredNorm();
    }
};

}  // namespace ermine
