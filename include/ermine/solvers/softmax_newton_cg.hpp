// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/duality_gap.hpp>
#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/x_log_x.hpp>
#include <ermine/objectives/kronecker_preconditioner.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/no_penalty.hpp>
#include <ermine/objectives/sampled_problem.hpp>
#include <ermine/objectives/softmax_pass.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/relative_gap.hpp>
#include <ermine/solvers/status.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <type_traits>
#include <utility>

namespace ermine {

/// Multinomial logistic regression with no penalty but ℓ2.
template <class F>
concept SoftmaxObjective =
    LinearObjective<F> && std::same_as<typename LinearProblemOf<F>::Model, LinearMulticlass> &&
    std::same_as<typename LinearProblemOf<F>::Penalty, NoPenalty> &&
    std::same_as<typename LinearProblemOf<F>::Loss, SoftmaxCrossEntropy>;

/// Newton's method for multinomial logistic regression with an ℓ2 penalty, as LinearNewtonCG is for
/// two classes: steps by conjugate gradients, one pass over the data each, with a
/// KroneckerPreconditioner; a line search on the kept predictions; a start on samples of the
/// examples where there are few features. The dual point is the linearization of the slopes along
/// the step, moved to the simplex: a = π − e_y + (diag(π) − π πᵀ) Δp; with intercepts, whose dual
/// constraints couple all examples, the gap is that of the slopes at the point, once they sum to 0.
struct SoftmaxNewtonCG {
    double accuracy = 0;   ///< the relative gap that will be asked for; 0: not known
    double forcing = 0.1;  ///< an iteration that gains less of the mean of those before ends a step
    int iterations = 1000;  ///< most of conjugate gradients in a step
    int trials = 40;        ///< of the line search, each half as long as the one before

    static constexpr bool repeats = true;
    using Stop = FirstOf<RelativeGap, MaxIterations>;

    template <class Problem>
    struct State {
        SoftmaxPass<Problem> pass;
        KroneckerPreconditioner preconditioner;
        Evaluation<Eigen::VectorXd> here;
        PredictionBlock p, probabilities, slopes, dual, moved, image;
        Eigen::VectorXd step, residual, scaled, direction, product;
        DualityGap bounds = {};
        Clock clock = {};
        LinearWork work = {};
        double decrement = 0;  // what the quadratic model promised of the last step
        int last = 1000;       // iterations of conjugate gradients in it

        State(const Problem& problem, const Eigen::VectorXd& x)
            : pass(problem), here{x, 0, Eigen::VectorXd::Zero(x.size())} {
            for (PredictionBlock* block : {&p, &probabilities, &slopes, &dual, &moved, &image})
                block->setZero(problem.examples(), problem.model.classes);
            for (Eigen::VectorXd* v : {&step, &residual, &scaled, &direction, &product})
                v->setZero(x.size());
        }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool softmax = SoftmaxObjective<F>;
        static_assert(softmax,
                      "SoftmaxNewtonCG needs EmpiricalRisk{LinearMulticlass{d, K}, "
                      "SoftmaxCrossEntropy{}, data}, alone or + L2{...}: Auto{} takes others");
        constexpr bool in_double = std::same_as<typename V::Scalar, double>;
        static_assert(in_double || !softmax,
                      "SoftmaxNewtonCG keeps parameters in double: take risk.in_double() and begin "
                      "at its zero()");
        return softmax && in_double;
    }

    /// Throws std::invalid_argument for an option out of its range.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        require_nonnegative(accuracy, "SoftmaxNewtonCG.accuracy");
        require_fraction(forcing, "SoftmaxNewtonCG.forcing");
        require_count(iterations, "SoftmaxNewtonCG.iterations");
        require_count(trials, "SoftmaxNewtonCG.trials");
        const auto problem = f.linear_problem();
        using Problem = std::remove_const_t<decltype(problem)>;
        State<Problem> state(problem, x);
        if (state.here.x.isZero(0)) begin_on_samples(problem, state.here.x, state.preconditioner);
        begin(problem, state);
        return state;
    }

    template <class F>
    Outcome advance(const F& f, auto& state) const {
        const Outcome outcome = round(f.linear_problem(), state);
        report_work(f, std::exchange(state.work, {}));
        return outcome;
    }

    const auto& point(const auto& state) const { return state.here.x; }
    double value(const auto&, const auto& state) const { return state.here.value; }
    DualityGap gap(const auto&, const auto& state) const { return state.bounds; }

private:
    static constexpr Index stretch = 512;

    template <class Problem>
    void begin_on_samples(const Problem& problem, Eigen::VectorXd& x,
                          KroneckerPreconditioner& known) const {
        const Index inputs = problem.features() + 1;
        if (inputs > KroneckerPreconditioner::dense_up_to) return;
        for (Index count = KroneckerPreconditioner::sample_size(inputs);
             4 * count <= problem.examples(); count *= 16) {
            const SampledProblem<Problem> sample(problem, count);
            State<Problem> state(sample.problem(), x);
            state.preconditioner = std::move(known);
            begin(sample.problem(), state);
            for (int k = 0; k < 20; ++k) {
                if (round(sample.problem(), state) != Outcome::advanced) break;
                if (state.decrement <= 1e-3 * std::abs(state.here.value)) break;
            }
            known = std::move(state.preconditioner);
            if (state.here.x.allFinite()) x = state.here.x;
        }
    }

    template <class Problem>
    void begin(const Problem& problem, State<Problem>& state) const {
        if (!state.here.x.isZero(0)) state.pass.predict(problem, state.here.x, state.p);
        state.here.value = state.pass.slopes(problem, state.p, state.probabilities, state.slopes) +
                           penalty(problem, state.here.x);
        take_gradient(problem, state);
        bound_by_gradient(problem, state);
    }

    template <class Problem>
    Outcome round(const Problem& problem, State<Problem>& state) const {
        if (!std::isfinite(state.here.value) || !state.here.gradient.allFinite())
            return Outcome::non_finite;
        if (state.last > 5) state.preconditioner.look(problem, state.probabilities);
        solve(problem, state);
        state.clock.epoch += state.last + 1;
        ++state.clock.iteration;
        // exactly: the products may have been in floats
        state.pass.predict(problem, state.step, state.image);
        linearize(problem, state);
        const double before = state.here.value;
        const double length = search(problem, state);
        if (!(length > 0)) return Outcome::no_progress;
        state.here.x += length * state.step;
        take_gradient(problem, state);
        const DualityGap old = state.bounds;
        bound_by_gradient(problem, state);
        if (length == 1 && problem.l2 > 0) bound_by_step(problem, state);
        const bool settled = std::abs(before - state.here.value) <=
                             4 * std::numeric_limits<double>::epsilon() * std::abs(before);
        // also where no gap is known
        if (settled && !(state.bounds.absolute() < 0.5 * old.absolute()))
            return Outcome::no_progress;
        return Outcome::advanced;
    }

    /// Conjugate gradients on H d = −∇F: step = d, residual = ∇F + H d.
    template <class Problem>
    void solve(const Problem& problem, State<Problem>& state) const {
        auto& r = state.residual;
        auto& v = state.direction;
        const Index m = problem.penalized();
        const double enough = 0.3 * accuracy * std::abs(state.here.value);
        state.step.setZero();
        state.image.setZero();
        r = state.here.gradient;
        state.preconditioner.solve(r, state.scaled);
        v = -state.scaled;
        double length = r.dot(state.scaled);
        state.decrement = 0;
        for (state.last = 0; state.last < iterations;) {
            state.pass.curve(problem, state.probabilities, v, state.moved, state.product);
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
            if (r.squaredNorm() <= 2 * problem.l2 * enough) break;
            if (state.last * gain <= forcing * state.decrement) break;
            state.preconditioner.solve(r, state.scaled);
            const double next = r.dot(state.scaled);
            v = next / length * v - state.scaled;
            length = next;
        }
    }

    template <class Problem>
    double search(const Problem& problem, State<Problem>& state) const {
        const Index m = problem.penalized();
        const double along = state.here.x.head(m).dot(state.step.head(m));
        const double square = state.step.head(m).squaredNorm();
        const double before = state.here.value;
        const double kept = penalty(problem, state.here.x);
        const double slope = state.here.gradient.dot(state.step);
        const double noise = 4 * std::numeric_limits<double>::epsilon() * std::abs(before);
        double t = 1;
        for (int trial = 0; trial < trials; ++trial, t /= 2) {
            state.moved = state.p + t * state.image;
            const double risk = trial == 0 ? state.pass.slopes(problem, state.moved,
                                                               state.probabilities, state.slopes)
                                           : state.pass.value(problem, state.moved);
            const double value = risk + kept + problem.l2 * (t * along + 0.5 * t * t * square);
            ++state.work.values;
            if (value <= before + 1e-4 * t * slope + noise) {
                if (trial > 0)
                    state.pass.slopes(problem, state.moved, state.probabilities, state.slopes);
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
    }

    /// dual = π − e_y + (diag(π) − π πᵀ) u with u the image of the step, of each example.
    template <class Problem>
    static void linearize(const Problem& problem, State<Problem>& state) {
        for_each_chunk((problem.examples() + stretch - 1) / stretch, [&](Index chunk) {
            const Index end = std::min((chunk + 1) * stretch, problem.examples());
            for (Index i = chunk * stretch; i < end; ++i) {
                const auto pi = state.probabilities.row(i);
                const auto u = state.image.row(i);
                const double mean = (pi * u).sum();
                state.dual.row(i) = pi * (1 + u - mean);
                state.dual(i, static_cast<Index>(problem.targets[i])) -= 1;
            }
        });
    }

    /// The dual value of `dual`, moved to where it is feasible: shares below 0 are raised and the
    /// row is scaled to a sum of 1; for free intercepts the mean of each class is taken off and as
    /// much of the class shares mixed in as keeps all shares positive.
    template <class Problem>
    static void bound_by_step(const Problem& problem, State<Problem>& state) {
        const Index n = problem.examples();
        const Index classes = problem.model.classes;
        bool moved = false;
        Eigen::ArrayXd mean = Eigen::ArrayXd::Zero(classes);
        Eigen::ArrayXd shares = Eigen::ArrayXd::Zero(classes);
        for (Index i = 0; i < n; ++i) {
            const auto y = static_cast<Index>(problem.targets[i]);
            auto a = state.dual.row(i);
            a[y] += 1;
            if (a.minCoeff() < 0) {
                a = a.max(0);
                a /= a.sum();
                moved = true;
            }
            a[y] -= 1;
            mean += problem.weight(i) * a.transpose();
            shares[y] += problem.weight(i);
        }
        if (problem.intercept()) {
            mean /= static_cast<double>(n);
            shares /= static_cast<double>(n);
            if (!(shares.minCoeff() > 0)) return;
            const double mixed = (mean.abs() / shares).maxCoeff();
            if (!(mixed < 1)) return;
            for (Index i = 0; i < n; ++i) {
                auto a = state.dual.row(i);
                a = (1 - mixed) * (a - mean.transpose()) + mixed * shares.transpose();
                a[static_cast<Index>(problem.targets[i])] -= mixed;
            }
            moved = true;
        }
        const Index m = problem.penalized();
        if (moved) {
            for (Index i = 0; i < n; ++i)
                state.moved.row(i) = problem.weight(i) * state.dual.row(i);
            state.pass.transpose(problem, state.moved, state.residual);
            state.residual.head(m) += problem.l2 * state.here.x.head(m);
        }
        const double conjugate = state.pass.mean(problem, [&](Index i) {
            const auto y = static_cast<Index>(problem.targets[i]);
            double sum = -(state.dual.row(i) * state.p.row(i)).sum();
            for (Index k = 0; k < classes; ++k)
                sum += x_log_x(std::max(state.dual(i, k) + (k == y ? 1 : 0), 0.0));
            return problem.weight(i) * sum;
        });
        const double risk = state.here.value - penalty(problem, state.here.x);
        const double gap = std::max(risk + conjugate, 0.0) +
                           state.residual.head(m).squaredNorm() / (2 * problem.l2);
        if (gap == gap) state.bounds.dual = std::max(state.bounds.dual, state.here.value - gap);
    }

    static double penalty(const auto& problem, const Eigen::VectorXd& x) {
        return 0.5 * problem.l2 * x.head(problem.penalized()).squaredNorm();
    }

    /// The dual value of the slopes at the point: the gap is ‖∇F‖² / 2λ. Free intercepts ask that
    /// the slopes of each class sum to 0: only then.
    template <class Problem>
    static void bound_by_gradient(const Problem& problem, State<Problem>& state) {
        state.bounds.primal = state.here.value;
        if (!(problem.l2 > 0) || problem.intercept()) return;
        const double gap = state.here.gradient.squaredNorm() / (2 * problem.l2);
        if (gap == gap) state.bounds.dual = std::max(state.bounds.dual, state.here.value - gap);
    }
};

}  // namespace ermine
