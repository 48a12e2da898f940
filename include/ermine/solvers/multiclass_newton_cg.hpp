// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/duality_gap.hpp>
#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/losses/softmax_cross_entropy.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/objectives/kronecker_preconditioner.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/multiclass_pass.hpp>
#include <ermine/objectives/no_penalty.hpp>
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

/// Multinomial logistic regression with no penalty but ℓ2.
template <class F>
concept MultinomialObjective =
    LinearObjective<F> && std::same_as<typename LinearProblemOf<F>::Model, LinearMulticlass> &&
    std::same_as<typename LinearProblemOf<F>::Penalty, NoPenalty> &&
    std::same_as<typename LinearProblemOf<F>::Loss, SoftmaxCrossEntropy>;

/// Newton's method for multinomial logistic regression, whose steps are found by conjugate
/// gradients with KroneckerPreconditioner. Over float data the products of conjugate gradients are
/// in float, while their result counts (values, gradients, predictions, the dual) is in double:
/// one more pass a step. The other parts are those of LinearNewtonCG; the last step goes on until
/// the gap that was asked for is there, where it is in reach.
///
/// The dual point is the linearization of the probabilities along the step, aᵢ = πᵢ + (diag(πᵢ) −
/// πᵢπᵢᵀ) Δpᵢ, moved onto the simplex. With w(a) = −Xᵀ Ŵ (a − Y) / nλ the gap is the mean of
/// KL(aᵢ ‖ π⁺ᵢ), of fourth order in the step, plus ½ λ ‖w⁺ − w(a)‖². Intercepts ask for Σ ŵᵢ aᵢ =
/// N, the weights of the classes: a ← (1 − τ) a + τ c with the one distribution c for all examples
/// and the smallest τ that brings it about. Without a penalty there is no gap.
struct MulticlassNewtonCG {
    double accuracy = 0;    ///< the relative gap that will be asked for; 0: not known
    double forcing = 0.7;   ///< in (0, 1): while the model is poor few iterations lead farther
    int iterations = 1000;  ///< most of conjugate gradients in a step
    int trials = 40;        ///< of the line search, each half as long as the one before

    static constexpr bool repeats = true;
    using Stop = FirstOf<RelativeGap, MaxIterations>;

    template <class Problem>
    struct State {
        MulticlassPass<Problem> pass;
        KroneckerPreconditioner preconditioner;
        Evaluation<Eigen::VectorXd> here;
        ClassRows p, probabilities, image, moved, shares;            // a row an example
        Eigen::VectorXd step, residual, scaled, direction, product;  // a number a parameter
        Eigen::VectorXd gradient, dual, plain;  // Xᵀ of slopes; `plain` those of c = 0
        Eigen::VectorXd totals;                 // Σ ŵ x̃ᵢ / n
        DualityGap bounds = {};
        Clock clock = {};
        LinearWork work = {};
        double decrement = 0;  // what the quadratic model promised of the last step
        double divergence = std::numeric_limits<double>::infinity();  // after the last step
        int last = 0;        // iterations of conjugate gradients in it
        bool exact = false;  // products in double
        bool separated = false;

        State(const Problem& problem, const Eigen::VectorXd& x)
            : pass(problem), here{x, 0, Eigen::VectorXd::Zero(x.size())} {
            for (ClassRows* rows : {&p, &probabilities, &image, &moved, &shares})
                rows->setZero(problem.examples(), problem.model.classes);
            for (Eigen::VectorXd* v :
                 {&step, &residual, &scaled, &direction, &product, &gradient, &dual, &plain})
                v->setZero(x.size());
        }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool multinomial = MultinomialObjective<F>;
        static_assert(multinomial,
                      "MulticlassNewtonCG needs EmpiricalRisk{LinearMulticlass{d, K}, "
                      "SoftmaxCrossEntropy{}, data}, alone or + L2{...}: Auto{} takes others");
        constexpr bool in_double = std::same_as<typename V::Scalar, double>;
        static_assert(in_double || !multinomial,
                      "MulticlassNewtonCG keeps parameters in double: take risk.in_double() and "
                      "begin at its zero()");
        return multinomial && in_double;
    }

    /// Throws std::invalid_argument for an option out of its range.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        require_nonnegative(accuracy, "MulticlassNewtonCG.accuracy");
        require_fraction(forcing, "MulticlassNewtonCG.forcing");
        require_count(iterations, "MulticlassNewtonCG.iterations");
        require_count(trials, "MulticlassNewtonCG.trials");
        const auto problem = f.linear_problem();
        using Problem = std::remove_const_t<decltype(problem)>;
        Eigen::VectorXd begun = x;
        KroneckerPreconditioner known;
        if (begun.isZero(0)) begin_on_samples(problem, begun, known);
        State<Problem> state(problem, begun);
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

    /// Classes that hyperplanes separate have no best ones without a penalty.
    std::optional<Status> ended(const auto& state) const {
        if (state.separated) return Status::separable;
        return std::nullopt;
    }

private:
    /// The solution of one sample after the other, to the precision that it deserves, into x.
    template <class Problem>
    void begin_on_samples(const Problem& problem, Eigen::VectorXd& x,
                          KroneckerPreconditioner& known) const {
        const Index n = problem.examples();
        const Index inputs = problem.parameters() / problem.model.classes;
        if (inputs > KroneckerPreconditioner::dense_up_to || inputs == 0) return;
        for (Index count = KroneckerPreconditioner::sample_size(inputs); 4 * count <= n;
             count *= 16) {
            const SampledProblem<Problem> sample(problem, count);
            State<Problem> state(sample.problem(), x);
            state.preconditioner = std::move(known);
            begin(sample.problem(), state);
            for (int k = 0; k < 20; ++k) {
                const Outcome outcome = round(sample.problem(), state);
                if (outcome != Outcome::advanced || state.separated) break;
                if (state.decrement <= 1e-3 * std::abs(state.here.value)) break;
            }
            known = std::move(state.preconditioner);
            if (state.here.x.allFinite()) x = state.here.x;
        }
    }

    /// A step of its own from p = 0 to the start, whose image are the predictions there.
    template <class Problem>
    void begin(const Problem& problem, State<Problem>& state) const {
        const double even = 1 / static_cast<double>(problem.model.classes);
        state.probabilities.setConstant(even);
        if (problem.intercept() && problem.l2 > 0) {
            state.shares.setZero();
            state.pass.transpose(problem, state.shares, state.plain);
            sum_examples(problem, state);
        }
        const auto values =
            state.pass.step(problem, state.here.x, state.p, state.probabilities, state.image,
                            state.moved, state.shares, state.gradient, state.dual);
        ++state.work.gradients;
        settle(problem, state, values.risk);
        bound_below(problem, state, values.residual);
    }

    template <class Problem>
    Outcome round(const Problem& problem, State<Problem>& state) const {
        if (!std::isfinite(state.here.value) || !state.here.gradient.allFinite())
            return Outcome::non_finite;
        state.preconditioner.look(problem, state.probabilities, state.last);
        const double before = state.here.value;
        const DualityGap old = state.bounds;
        bool found = move(problem, state);
        if (!found && !std::exchange(state.exact, true)) found = move(problem, state);
        ++state.clock.iteration;
        if (!found) return Outcome::no_progress;
        if (problem.l2 == 0) find_separation(problem, state);
        const double rounding = std::numeric_limits<double>::epsilon() * std::abs(before);
        const bool settled =
            std::abs(before - state.here.value) <= 4 * rounding || state.decrement <= rounding;
        // also where no gap is known
        if (settled && !state.separated && !(state.bounds.absolute() < 0.5 * old.absolute()))
            return Outcome::no_progress;
        return Outcome::advanced;
    }

    /// One step; whether it led to a better point.
    template <class Problem>
    bool move(const Problem& problem, State<Problem>& state) const {
        solve(problem, state);
        state.clock.epoch += state.last + 1;
        const auto values =
            state.pass.step(problem, state.step, state.p, state.probabilities, state.image,
                            state.moved, state.shares, state.gradient, state.dual);
        ++state.work.gradients;
        const double before = state.here.value;
        const double slope = state.here.gradient.dot(state.step);
        const double noise = 4 * std::numeric_limits<double>::epsilon() * std::abs(before);
        double risk = values.risk;
        double t = 1;
        for (int trial = 0;; t /= 2) {
            state.product = state.here.x + t * state.step;
            if (risk + penalty(problem, state.product) <= before + 1e-4 * t * slope + noise) break;
            if (++trial == trials) return false;
            risk = state.pass.value(problem, state.p, t / 2, state.image, state.moved);
            ++state.work.values;
        }
        state.here.x.swap(state.product);
        if (t < 1) {
            state.image *= t;
            state.pass.transpose(problem, state.moved, state.gradient);
            ++state.work.gradients;
        }
        settle(problem, state, risk);
        state.divergence = t < 1 ? std::numeric_limits<double>::infinity() : values.residual;
        bound_below(problem, state,
                    t < 1 ? std::numeric_limits<double>::infinity() : values.residual);
        return true;
    }

    /// Takes the point that a step led to: `image`, `moved` and `gradient` are of it.
    template <class Problem>
    static void settle(const Problem& problem, State<Problem>& state, double risk) {
        const Index m = problem.penalized();
        state.p += state.image;
        state.probabilities.swap(state.moved);
        state.here.value = risk + penalty(problem, state.here.x);
        state.here.gradient = state.gradient;
        state.here.gradient.head(m) += problem.l2 * state.here.x.head(m);
    }

    /// Conjugate gradients on H d = −∇F.
    template <class Problem>
    void solve(const Problem& problem, State<Problem>& state) const {
        using Short = typename MulticlassPass<Problem>::Short;
        auto& r = state.residual;
        auto& v = state.direction;
        const Index m = problem.penalized();
        const double enough = 0.5 * accuracy * std::abs(state.here.value);
        if (state.exact)
            state.pass.template curve_at<double>(state.probabilities);
        else
            state.pass.template curve_at<Short>(state.probabilities);
        state.step.setZero();
        r = state.here.gradient;
        state.preconditioner.solve(r, state.scaled);
        v = -state.scaled;
        double length = r.dot(state.scaled);
        const double earlier = std::exchange(state.decrement, 0);
        for (state.last = 0; state.last < iterations;) {
            if (state.exact)
                state.pass.template curve<double>(problem, v, state.product);
            else
                state.pass.template curve<Short>(problem, v, state.product);
            ++state.work.products;
            state.product.head(m) += problem.l2 * v.head(m);
            const double curvature = v.dot(state.product);
            if (!(curvature > 0) || !std::isfinite(curvature)) break;
            const double t = length / curvature;
            state.step += t * v;
            r += t * state.product;
            ++state.last;
            const double gain = 0.5 * t * length;
            state.decrement += gain;
            if (r.squaredNorm() <= 2 * problem.l2 * enough) break;
            // in reach: the divergence falls with the square of what is promised
            const double square = std::pow(state.decrement / earlier, 2);
            const bool near =
                problem.l2 > 0 && enough > 0 && state.divergence * square <= 0.05 * enough;
            if (!near && state.last * gain <= forcing * state.decrement) break;
            state.preconditioner.solve(r, state.scaled);
            const double next = r.dot(state.scaled);
            v = next / length * v - state.scaled;
            length = next;
        }
        if (problem.intercept() && r.allFinite())
            KroneckerPreconditioner::settle_intercepts(problem, state.probabilities, r, state.step);
    }

    /// The best dual value so far, with that of `shares`, whose mean divergence from the
    /// probabilities at the point is given and for which (1/n) [X 1]ᵀ Ŵ (shares − Y) is `dual`.
    template <class Problem>
    static void bound_below(const Problem& problem, State<Problem>& state, double divergence) {
        state.bounds.primal = state.here.value;
        if (!(problem.l2 > 0)) return;
        const Index m = problem.penalized();
        const auto keep = [&](double gap) {
            if (gap == gap) state.bounds.dual = std::max(state.bounds.dual, state.here.value - gap);
        };
        if (!problem.intercept()) keep(state.here.gradient.squaredNorm() / (2 * problem.l2));
        if (!std::isfinite(divergence)) return;
        if (problem.intercept()) divergence = balance(problem, state, divergence);
        state.residual.head(m) = state.dual.head(m) + problem.l2 * state.here.x.head(m);
        keep(divergence + state.residual.head(m).squaredNorm() / (2 * problem.l2));
    }

    /// Mixes shares with one distribution so that those of the intercepts add up.
    template <class Problem>
    static double balance(const Problem& problem, State<Problem>& state, double divergence) {
        const Index classes = problem.model.classes;
        const Eigen::ArrayXd excess = state.dual.tail(classes);
        const Eigen::ArrayXd weights = -state.plain.tail(classes).array();
        double tau = 0;
        for (Index k = 0; k < classes; ++k)
            if (excess[k] > 0) tau = std::max(tau, excess[k] / (excess[k] + weights[k]));
        if (!(tau > 0)) return divergence;
        const Eigen::ArrayXd center = (weights - (1 - tau) / tau * excess).max(0.0);
        state.dual *= 1 - tau;
        state.dual += tau * state.plain;
        for (Index j = 0; j < state.totals.size(); ++j)
            state.dual.segment(j * classes, classes).array() += tau * state.totals[j] * center;
        return state.pass.mixed_divergence(problem, state.p, tau, center, state.shares);
    }

    /// (1/n) Σ ŵᵢ x̃ᵢ, from the slopes of shares 0 and of (1, 0, …, 0).
    template <class Problem>
    static void sum_examples(const Problem& problem, State<Problem>& state) {
        const Index classes = problem.model.classes;
        state.shares.col(0).setOnes();
        state.pass.transpose(problem, state.shares, state.dual);
        state.totals.resize(state.dual.size() / classes);
        for (Index j = 0; j < state.totals.size(); ++j)
            state.totals[j] = state.dual[j * classes] - state.plain[j * classes];
    }

    /// Whether all examples are on their side of all others.
    template <class Problem>
    static void find_separation(const Problem& problem, State<Problem>& state) {
        for (Index i = 0; i < problem.examples(); ++i) {
            if (!(problem.weight(i) > 0)) continue;
            const auto y = static_cast<Index>(problem.targets[i]);
            for (Index k = 0; k < problem.model.classes; ++k)
                if (k != y && !(state.p(i, y) > state.p(i, k))) return;
        }
        state.separated = true;
    }

    static double penalty(const auto& problem, const Eigen::VectorXd& x) {
        return 0.5 * problem.l2 * x.head(problem.penalized()).squaredNorm();
    }
};

}  // namespace ermine
