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
#include <ermine/objectives/elastic_net.hpp>
#include <ermine/objectives/l1.hpp>
#include <ermine/objectives/linear_pass.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/sampled_problem.hpp>
#include <ermine/objectives/unified.hpp>
#include <ermine/solvers/column_step.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/gram_step.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/relative_gap.hpp>
#include <ermine/solvers/status.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace ermine {

/// A linear model with a smooth convex loss and an ℓ1 penalty, or ℓ1 and ℓ2 together.
template <class F>
concept SparseLinearObjective =
    LinearObjective<F> && std::same_as<typename LinearProblemOf<F>::Model, Linear> &&
    (std::same_as<typename LinearProblemOf<F>::Penalty, L1> ||
     std::same_as<typename LinearProblemOf<F>::Penalty, ElasticNet>) &&
    TwiceDifferentiableLoss<typename LinearProblemOf<F>::Loss> &&
    is_convex<typename LinearProblemOf<F>::Loss>;

/// Proximal Newton steps on a working set for linear models with an ℓ1 penalty: the weights that
/// are not 0 and those at 0 whose slope violates optimality most, at most as many again. The
/// quadratic model is minimized on the set by what its shape suggests:
///
/// - dense rows, and sparse ones of up to 1000 features: by the Gram matrix of the set (GramStep;
///   for the squared loss that is the lasso by its covariances);
/// - other sparse rows: by coordinate descent (ColumnStep), the more exactly the closer the optimum
///   is, so that rounds converge superlinearly; where 50 sweeps did not suffice, as with fewer
///   examples of a curvature than weights, and the set is small, by its Gram matrix from then on.
///
/// Predictions are kept and moved along, so that the line search on F needs no data. With few
/// features it begins on samples of the examples, as LinearNewtonCG does. The dual point is that of
/// the slopes, which costs no pass, and where that comes near the accuracy asked for, their
/// linearization along the step; both are scaled until ‖Xᵀa‖∞ / n <= λ (with an ℓ2 part: no scaling
/// is needed, Ω* is finite). The gap falls with the violation on the set, to first order.
/// The penalty may be an ElasticNet, or L1 and L2 together; an intercept is exact and not
/// penalized.
struct WorkingSet {
    double accuracy = 0;  ///< the relative gap that will be asked for; 0: not known
    int trials = 40;      ///< of the line search, each half as long as the one before

    static constexpr bool repeats = true;
    static constexpr Index gram_up_to = 1000;  ///< features of sparse rows
    using Stop = FirstOf<RelativeGap, MaxIterations>;

    template <class Problem>
    struct State {
        LinearPass<Problem> pass;
        Evaluation<Eigen::VectorXd> here;  // value and gradient of the smooth part
        double value = 0;
        Eigen::VectorXd p, slopes, curvatures, dual, bend, moved, image;  // a number an example
        Eigen::VectorXd step, product;                                    // a number a parameter
        std::vector<Index> set, order;
        Eigen::VectorXd weights, gradient, lambda;  // of the set
        GramStep by_gram;
        ColumnStep<typename Problem::Rows::Scalar> by_columns;
        DualityGap bounds = {};
        Clock clock = {};
        LinearWork work = {};
        Index room = 0;        // for columns at 0, at least
        bool crowded = false;  // there were more that violate optimality
        bool slow = false;     // sweeps over columns did not suffice
        double gain = 0;

        State(const Problem& problem, const Eigen::VectorXd& x)
            : pass(problem), here{x, 0, Eigen::VectorXd::Zero(x.size())} {
            for (Eigen::VectorXd* v : {&p, &slopes, &curvatures, &dual, &bend, &moved, &image})
                v->setZero(problem.examples());
            for (Eigen::VectorXd* v : {&step, &product}) v->setZero(x.size());
        }
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool sparse = SparseLinearObjective<F>;
        static_assert(sparse,
                      "WorkingSet needs EmpiricalRisk{Linear{d}, loss, data} with a convex loss "
                      "that has a second derivative, + L1{...} or ElasticNet{...}: Auto{} takes "
                      "others");
        constexpr bool in_double = std::same_as<typename V::Scalar, double>;
        static_assert(in_double || !sparse,
                      "WorkingSet keeps parameters in double: take risk.in_double() and begin at "
                      "its zero()");
        return sparse && in_double;
    }

    /// Throws std::invalid_argument for an option out of its range.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        require_nonnegative(accuracy, "WorkingSet.accuracy");
        require_count(trials, "WorkingSet.trials");
        const auto problem = unified(f.linear_problem());
        using Problem = std::remove_const_t<decltype(problem)>;
        State<Problem> state(problem, x);
        if (state.here.x.isZero(0)) begin_on_samples(problem, state.here.x);
        begin(problem, state);
        return state;
    }

    template <class F>
    Outcome advance(const F& f, auto& state) const {
        const Outcome outcome = round(unified(f.linear_problem()), state);
        report_work(f, std::exchange(state.work, {}));
        return outcome;
    }

    const auto& point(const auto& state) const { return state.here.x; }
    double value(const auto&, const auto& state) const { return state.value; }
    DualityGap gap(const auto&, const auto& state) const { return state.bounds; }

private:
    /// Whether Gram matrices are formed: for dense rows, and for sparse ones of few features.
    template <class Problem>
    static bool takes_gram(const Problem& problem) {
        if constexpr (requires { problem.rows.columns; }) return problem.features() <= gram_up_to;
        return true;
    }

    template <class Problem>
    void begin_on_samples(const Problem& problem, Eigen::VectorXd& x) const {
        const Index n = problem.examples();
        if (problem.parameters() > 1500 || problem.parameters() == 0) return;
        for (Index count = std::max<Index>(8 * problem.parameters(), 2048); 4 * count <= n;
             count *= 16) {
            const SampledProblem<Problem> sample(problem, count);
            State<Problem> state(sample.problem(), x);
            begin(sample.problem(), state);
            for (int k = 0; k < 20; ++k) {
                if (round(sample.problem(), state) != Outcome::advanced) break;
                if (state.gain <= 1e-3 * state.value) break;
            }
            if (state.here.x.allFinite()) x = state.here.x;
        }
    }

    template <class Problem>
    void begin(const Problem& problem, State<Problem>& state) const {
        if (!state.here.x.isZero(0)) state.pass.predict(problem, state.here.x, state.p);
        state.here.value = state.pass.slopes(problem, state.p, state.slopes, state.curvatures) +
                           ridge(problem, state.here.x);
        state.value =
            state.here.value + problem.penalty.value(state.here.x.head(problem.penalized()));
        take_gradient(problem, state);
        state.room = std::max<Index>(takes_gram(problem) ? 100 : 8000, 1);
        bound_below(problem, state);
    }

    template <class Problem>
    Outcome round(const Problem& problem, State<Problem>& state) const {
        if (!std::isfinite(state.value) || !state.here.gradient.allFinite())
            return Outcome::non_finite;
        const double worst = choose(problem, state);
        const double least = 1e-13 * problem.penalty.lambda;
        if (takes_gram(problem) ||
            (state.slow && static_cast<Index>(state.set.size()) <= gram_up_to)) {
            state.by_gram.solve(problem, state.curvatures, state.set, state.gradient, state.lambda,
                                std::max(least, (state.crowded ? 1e-2 : 1e-4) * worst),
                                state.weights);
        } else if constexpr (requires { problem.rows.columns; }) {
            // a slope that is off by δ widens the gap by δ ‖w‖₁
            const double size = state.here.x.cwiseAbs().sum();
            const double enough = size > 0 ? 0.5 * accuracy * state.value / size : 0;
            const double forcing = std::clamp(worst / problem.penalty.lambda, 3e-3, 0.6);
            state.slow = !state.by_columns.solve(
                problem, state.curvatures, state.set, state.gradient, state.lambda,
                std::max({least, enough, forcing * worst}), 50, state.weights);
        }
        state.step.setZero();
        for (std::size_t k = 0; k < state.set.size(); ++k)
            state.step[state.set[k]] =
                state.weights[static_cast<Index>(k)] - state.here.x[state.set[k]];
        state.pass.predict(problem, state.step, state.image);
        state.bend = state.curvatures.cwiseProduct(state.image);
        state.dual = state.slopes;
        const double before = state.value;
        const double t = search(problem, state);
        if (!(t > 0)) return Outcome::no_progress;
        state.gain = before - state.value;
        if (t == 1)
            for (std::size_t k = 0; k < state.set.size(); ++k)
                state.here.x[state.set[k]] = state.weights[static_cast<Index>(k)];
        else
            state.here.x += t * state.step;
        state.dual += t * state.bend;
        take_gradient(problem, state);
        const DualityGap old = state.bounds;
        bound_below(problem, state);
        if (!(state.bounds.relative() <= accuracy) &&
            state.gain <= state.value * (accuracy > 0 ? std::sqrt(accuracy) : 1))
            raise(problem, state, state.dual, false);
        ++state.clock.iteration;
        state.clock.epoch += 3;
        const bool settled = std::abs(before - state.value) <=
                             4 * std::numeric_limits<double>::epsilon() * std::abs(before);
        if (settled && state.bounds.absolute() > 0.5 * old.absolute()) return Outcome::no_progress;
        return Outcome::advanced;
    }

    /// The columns to work on, with their weights, slopes and penalties: the support, and of those
    /// at 0 the ones that violate optimality most. The largest violation.
    template <class Problem>
    double choose(const Problem& problem, State<Problem>& state) const {
        const double lambda = problem.penalty.lambda;
        const Index m = problem.penalized();
        // Those that come near a violation, too: one that is left out and violates after the step
        // loosens the gap by as much.
        const double near = (state.gain > 0 && takes_gram(problem) ? 0.85 : 1) * lambda;
        state.set.clear();
        state.order.clear();
        double worst = 0;
        for (Index j = 0; j < problem.parameters(); ++j) {
            const double g = state.here.gradient[j];
            const double w = state.here.x[j];
            if (j >= m) {
                state.set.push_back(j);
                worst = std::max(worst, std::abs(g));
            } else if (w != 0) {
                state.set.push_back(j);
                worst = std::max(worst, std::abs(g + std::copysign(lambda, w)));
            } else if (std::abs(g) > near) {
                state.order.push_back(j);
                worst = std::max(worst, std::abs(g) - lambda);
            }
        }
        const auto room =
            static_cast<std::size_t>(std::max(state.room, static_cast<Index>(state.set.size())));
        state.crowded = state.order.size() > room;
        if (state.crowded) {
            std::nth_element(state.order.begin(), state.order.begin() + static_cast<Index>(room),
                             state.order.end(), [&](Index a, Index b) {
                                 return std::abs(state.here.gradient[a]) >
                                        std::abs(state.here.gradient[b]);
                             });
            state.order.resize(room);
        }
        state.set.insert(state.set.end(), state.order.begin(), state.order.end());
        std::sort(state.set.begin(), state.set.end());
        const auto size = static_cast<Index>(state.set.size());
        state.weights.resize(size);
        state.gradient.resize(size);
        state.lambda.resize(size);
        for (Index k = 0; k < size; ++k) {
            const Index j = state.set[static_cast<std::size_t>(k)];
            state.weights[k] = state.here.x[j];
            state.gradient[k] = state.here.gradient[j];
            state.lambda[k] = j < m ? lambda : 0;
        }
        return worst;
    }

    template <class Problem>
    double search(const Problem& problem, State<Problem>& state) const {
        const Index m = problem.penalized();
        const auto w = state.here.x.head(m);
        const auto d = state.step.head(m);
        const double along = w.dot(d);
        const double square = d.squaredNorm();
        const double kept = ridge(problem, state.here.x);
        const double l1 = problem.penalty.value(w);
        const double slope =
            state.here.gradient.dot(state.step) + problem.penalty.value(w + d) - l1;
        const double noise = 4 * std::numeric_limits<double>::epsilon() * std::abs(state.value);
        double t = 1;
        for (int trial = 0; trial < trials; ++trial, t /= 2) {
            state.moved = state.p + t * state.image;
            const double risk =
                trial == 0 ? state.pass.slopes(problem, state.moved, state.slopes, state.curvatures)
                           : state.pass.value(problem, state.moved);
            const double smooth = risk + kept + problem.l2 * (t * along + 0.5 * t * t * square);
            const double value = smooth + problem.penalty.value(w + t * d);
            ++state.work.values;
            if (value <= state.value + 1e-4 * t * slope + noise) {
                if (trial > 0)
                    state.pass.slopes(problem, state.moved, state.slopes, state.curvatures);
                state.p.swap(state.moved);
                state.here.value = smooth;
                state.value = value;
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

    /// The best dual value so far and that of the slopes.
    template <class Problem>
    static void bound_below(const Problem& problem, State<Problem>& state) {
        const Index m = problem.penalized();
        state.bounds.primal = state.value;
        state.moved = state.slopes;
        state.product = state.here.gradient;
        state.product.head(m) -= problem.l2 * state.here.x.head(m);
        raise(problem, state, state.moved, true);
    }

    /// The same for slopes a, with v = (1/n) [X 1]ᵀ a in `product` where that is known; a is
    /// moved to where the dual value is finite.
    template <class Problem>
    static void raise(const Problem& problem, State<Problem>& state, Eigen::VectorXd& a,
                      bool known) {
        const Index m = problem.penalized();
        const double lambda = problem.penalty.lambda;
        bool moved = false;
        double conjugate = state.pass.conjugate(problem, a, moved);
        if (problem.intercept() && balance_slopes(a)) {
            conjugate = state.pass.conjugate(problem, a, moved);
            moved = true;
        }
        if (moved || !known) state.pass.transpose(problem, a, state.product);
        const auto v = state.product.head(m).array();
        double penalty = 0;
        if (problem.l2 > 0) {
            penalty = (v.abs() - lambda).max(0).square().sum() / (2 * problem.l2);
        } else {
            const double largest = m > 0 ? v.abs().maxCoeff() : 0;
            if (largest > lambda) {
                a *= lambda / largest;
                conjugate = state.pass.conjugate(problem, a, moved);
            }
        }
        const double dual = -conjugate - penalty;
        if (dual == dual) state.bounds.dual = std::max(state.bounds.dual, dual);
    }

    static double ridge(const auto& problem, const Eigen::VectorXd& x) {
        return 0.5 * problem.l2 * x.head(problem.penalized()).squaredNorm();
    }
};

}  // namespace ermine
