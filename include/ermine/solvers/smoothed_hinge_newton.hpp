// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/duality_gap.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/losses/hinge.hpp>
#include <ermine/losses/smoothed_hinge.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/balance_slopes.hpp>
#include <ermine/numerics/gram_product.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/objectives/linear_pass.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/no_penalty.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/relative_gap.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace ermine {

/// A linear model with HingeLoss and no penalty but ℓ2.
template <class F>
concept HingeObjective =
    LinearObjective<F> && std::same_as<typename LinearProblemOf<F>::Model, Linear> &&
    std::same_as<typename LinearProblemOf<F>::Penalty, NoPenalty> &&
    std::same_as<typename LinearProblemOf<F>::Loss, HingeLoss>;

/// Newton's method for linear support vector machines of few features: on the hinge with its kink
/// rounded by a parabola of width γ (SmoothedHingeLoss), with γ driven to 0 (Chapelle, "Training a
/// support vector machine in the primal", Neural Computation 19, 2007; the finite Newton method of
/// Keerthi & DeCoste, JMLR 6, 2005, is that of the squared hinge).
///
/// - F is a piecewise quadratic for each γ. A round is a Newton step, whose Hessian λI + (1/nγ)
///   Σ ŵᵢ xᵢ xᵢᵀ is over the examples on the parabola alone, fewer and fewer of them, with an exact
///   line search; few rounds end at the minimum for γ.
/// - While no example changes its piece the minimum moves along a curve that is known: the first
///   step for the next γ follows it, without a line search.
/// - The slopes of the rounded hinge are feasible for the dual of the hinge itself, and the gap
///   between the two is at most γ/2 there. It is that of the best w and the best dual point so far;
///   an intercept, which is exact and has no penalty, asks for balanced slopes.
///
/// A round costs a few passes and, at most, n d² + d³/3; DualCoordinateAscent suits many features.
struct SmoothedHingeNewton {
    double accuracy = 0;  ///< the relative gap that will be asked for: not needed here
    double width = 2;     ///< γ of the first rounds, in units of the margin
    double shrink = 0.4;  ///< of γ, from one minimum to the next

    static constexpr bool repeats = true;
    static constexpr Index most_parameters = 3000;
    using Stop = FirstOf<RelativeGap, MaxIterations>;

    template <class Problem>
    struct State {
        LinearPass<Problem> pass;
        Chunks chunks;  // of the sum of c x xᵀ
        std::vector<Eigen::MatrixXd> grams;
        std::vector<Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> panels;
        Eigen::MatrixXd hessian;
        Eigen::LLT<Eigen::MatrixXd> factor;
        Eigen::VectorXd best;  // the answer
        double value = 0;
        double width = 0;
        bool follows = false;          // the next step is along the curve of the minima
        Eigen::VectorXd w, p;          // of the iterate, p = [X 1] w
        Eigen::VectorXd s, c, a, dp;   // slopes and curvatures, a number an example
        Eigen::VectorXd right, g, dw;  // a number a parameter
        DualityGap bounds = {};
        Clock clock = {};
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool fits = HingeObjective<F>;
        static_assert(fits,
                      "SmoothedHingeNewton needs EmpiricalRisk{Linear{d}, HingeLoss{}, data} + "
                      "L2{...}: Auto{} takes others");
        constexpr bool in_double = std::same_as<typename V::Scalar, double>;
        static_assert(in_double || !fits,
                      "SmoothedHingeNewton keeps parameters in double: take risk.in_double() and "
                      "begin at its zero()");
        return fits && in_double;
    }

    /// Makes all memory of a run. Throws std::invalid_argument for an option out of its range, λ =
    /// 0 or more than `most_parameters` of them.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        require_positive(width, "SmoothedHingeNewton.width");
        require_fraction(shrink, "SmoothedHingeNewton.shrink");
        const auto problem = f.linear_problem();
        using Problem = std::remove_const_t<decltype(problem)>;
        if (!(problem.l2 > 0))
            throw std::invalid_argument(
                "SmoothedHingeNewton needs a penalty: add L2{lambda} with lambda > 0");
        if (problem.parameters() > most_parameters)
            throw std::invalid_argument("SmoothedHingeNewton factors a matrix of all pairs of " +
                                        std::to_string(problem.parameters()) +
                                        " parameters: use DualCoordinateAscent{}");
        const Index n = problem.examples();
        const Index size = problem.parameters();
        State<Problem> state{.pass = LinearPass<Problem>(problem),
                             .chunks = chunks_for(n, std::max<Index>(panel, 4 * size), 8),
                             .grams = {},
                             .panels = {},
                             .hessian = Eigen::MatrixXd::Zero(size, size),
                             .factor = Eigen::LLT<Eigen::MatrixXd>(size),
                             .best = x,
                             .value = 0,
                             .width = width,
                             .follows = false,
                             .w = x,
                             .p = {},
                             .s = {},
                             .c = {},
                             .a = {},
                             .dp = {},
                             .right = Eigen::VectorXd::Zero(size),
                             .g = Eigen::VectorXd::Zero(size),
                             .dw = Eigen::VectorXd::Zero(size)};
        for (Eigen::VectorXd* v : {&state.p, &state.s, &state.c, &state.a, &state.dp})
            v->setZero(n);
        const auto count = static_cast<std::size_t>(state.chunks.count());
        state.grams.assign(count, state.hessian);
        state.panels.resize(count);
        for (auto& rows : state.panels) rows.resize(std::min(panel, n), size);
        state.pass.predict(problem, state.w, state.p);
        evaluate(problem, state);
        return state;
    }

    template <class F>
    Outcome advance(const F& f, auto& state) const {
        const auto problem = f.linear_problem();
        if (!std::isfinite(state.bounds.primal)) return Outcome::non_finite;
        if (state.width < 1e-14) return Outcome::no_progress;
        const bool follows = state.follows;
        if (follows) follow(problem, state);
        if (!factor(problem, state)) return Outcome::no_progress;
        state.g = state.right;
        state.g.head(problem.penalized()) += problem.l2 * state.w.head(problem.penalized());
        state.dw = -state.factor.solve(state.g);
        const double decrement = -state.g.dot(state.dw);
        state.pass.predict(problem, state.dw, state.dp);
        const double t = follows ? 1 : length(problem, state, decrement);
        state.w += t * state.dw;
        state.p += t * state.dp;
        evaluate(problem, state);
        report_work(f, {.values = 1, .gradients = 1, .hessians = 1, .products = 1});
        ++state.clock.iteration;
        state.clock.epoch += 3;
        if (!std::isfinite(state.bounds.primal) || !state.right.allFinite())
            return Outcome::non_finite;
        const double share =
            LinearPass<decltype(problem)>::mean(problem, [&](Index begin, Index count) {
                return static_cast<double>((state.c.segment(begin, count).array() > 0).count());
            });
        const double least = std::max(share, 1 / static_cast<double>(problem.examples()));
        state.follows = !follows && t > 0.5 && decrement <= 0.05 * state.width * least;
        if (state.follows) state.width *= shrink;
        return Outcome::advanced;
    }

    const auto& point(const auto& state) const { return state.best; }
    double value(const auto&, const auto& state) const { return state.value; }
    DualityGap gap(const auto&, const auto& state) const { return state.bounds; }

private:
    static constexpr Index panel = 512;

    /// The slopes and curvatures of those functions of which the minimum moves along a known curve:
    /// the examples on the parabola stay there, wherever that leads.
    template <class Problem>
    static void follow(const Problem& problem, State<Problem>& state) {
        for (Index i = 0; i < problem.examples(); ++i) {
            const double y = problem.targets[i];
            const double z = 1 - y * state.p[i];
            if (state.c[i] > 0) {
                state.c[i] = problem.weight(i) / state.width;
                state.s[i] = -y * z * state.c[i];
            } else {
                state.s[i] = z > 0 ? -y * problem.weight(i) : 0;
            }
        }
        state.pass.transpose(problem, state.s, state.right);
    }

    /// The factor of λI + (1/n) Σ cᵢ [xᵢ; 1] [xᵢ; 1]ᵀ.
    template <class Problem>
    static bool factor(const Problem& problem, State<Problem>& state) {
        const auto& rows = problem.rows;
        for_each_chunk(state.chunks.count(), [&](Index chunk) {
            auto& gram = state.grams[static_cast<std::size_t>(chunk)];
            auto& scaled = state.panels[static_cast<std::size_t>(chunk)];
            gram.setZero();
            Index filled = 0;
            const Index end = state.chunks.end(chunk);
            for (Index i = state.chunks.begin(chunk); i < end; ++i) {
                if (state.c[i] > 0) {
                    const double root = std::sqrt(state.c[i]);
                    double* const out = scaled.data() + filled * scaled.cols();
                    if constexpr (requires { rows.columns; }) {
                        std::fill_n(out, scaled.cols(), 0.0);
                        for (Index e = rows.offsets[i]; e < rows.offsets[i + 1]; ++e)
                            out[rows.columns[e]] += root * static_cast<double>(rows.values[e]);
                    } else {
                        const auto* const x = rows.row(i);
                        for (Index j = 0; j < rows.features; ++j)
                            out[j] = root * static_cast<double>(x[j]);
                    }
                    if (problem.intercept()) out[rows.features] = root;
                    ++filled;
                }
                if (filled == scaled.rows() || (i + 1 == end && filled > 0)) {
                    add_gram_product(scaled.topRows(filled), gram);
                    filled = 0;
                }
            }
        });
        state.hessian = state.grams[0];
        for (std::size_t k = 1; k < state.grams.size(); ++k) state.hessian += state.grams[k];
        state.hessian /= static_cast<double>(problem.examples());
        state.hessian.diagonal().head(problem.penalized()).array() += problem.l2;
        // an intercept has no curvature where no example is on the parabola
        if (problem.intercept())
            state.hessian(problem.penalized(), problem.penalized()) += 1e-10 / state.width;
        state.factor.compute(state.hessian);
        return state.factor.info() == Eigen::Success;
    }

    /// The step at which the slope along it is at most 0.3 of what it was: Newton's method on it,
    /// within an interval that has the minimum.
    template <class Problem>
    static double length(const Problem& problem, const State<Problem>& state, double decrement) {
        const auto w = state.w.head(problem.penalized());
        const auto dw = state.dw.head(problem.penalized());
        const double square = dw.squaredNorm();
        const double along = w.dot(dw);
        double low = 0;
        double high = std::numeric_limits<double>::infinity();
        double t = 1;
        for (int trial = 0; trial < 40; ++trial) {
            double bend = 0;
            const double slope = problem.l2 * (along + t * square) + tilt(problem, state, t, bend);
            if (!(std::abs(slope) > 0.3 * decrement)) break;
            (slope > 0 ? high : low) = t;
            t -= slope / (problem.l2 * square + bend);
            if (!(t > low && t < high)) t = std::isfinite(high) ? 0.5 * (low + high) : 2 * low;
        }
        return t;
    }

    /// The slope of the risk along the step, and its curvature.
    template <class Problem>
    static double tilt(const Problem& problem, const State<Problem>& state, double t,
                       double& bend) {
        const SmoothedHingeLoss loss{.width = state.width};
        const auto sum = [&](const auto& term) {
            return LinearPass<Problem>::mean(problem, [&](Index begin, Index count) {
                const auto y = Eigen::Map<const Eigen::ArrayXd>(problem.targets + begin, count);
                const auto along = state.dp.segment(begin, count).array();
                const auto at = (state.p.segment(begin, count).array() + t * along).eval();
                if (problem.weights == nullptr) return term(at, y, along).sum();
                const auto weights =
                    Eigen::Map<const Eigen::ArrayXd>(problem.weights + begin, count);
                return problem.weight_scale * (weights * term(at, y, along)).sum();
            });
        };
        bend = sum([&](const auto& at, const auto& y, const auto& along) {
            return (loss.second_derivative(at, y) * along.square()).eval();
        });
        return sum([&](const auto& at, const auto& y, const auto& along) {
            return (loss.derivative(at, y) * along).eval();
        });
    }

    /// Slopes, curvatures and gradient at the iterate, value and dual value; the best are kept.
    template <class Problem>
    static void evaluate(const Problem& problem, State<Problem>& state) {
        const Index m = problem.penalized();
        const double value =
            state.pass.value(problem, state.p) + 0.5 * problem.l2 * state.w.head(m).squaredNorm();
        if (!(value >= state.bounds.primal)) {
            state.best = state.w;
            state.value = value;
            state.bounds.primal = value;
        }
        using Smoothed = LinearProblem<Linear, SmoothedHingeLoss, typename Problem::Rows>;
        const Smoothed smoothed{problem.model,   {.width = state.width}, problem.rows,
                                problem.targets, problem.weights,        problem.weight_scale,
                                problem.l2};
        LinearPass<Smoothed>::slopes(smoothed, state.p, state.s, state.c);
        state.pass.transpose(problem, state.s, state.right);
        bool moved = false;
        double conjugate = 0;
        double square = state.right.head(m).squaredNorm();
        if (problem.intercept()) {
            state.a = state.s;
            balance_slopes(state.a);
            conjugate = state.pass.conjugate(problem, state.a, moved);
            state.pass.transpose(problem, state.a, state.g);
            square = state.g.head(m).squaredNorm();
        } else {
            conjugate = state.pass.conjugate(problem, state.s, moved);
        }
        const double dual = -conjugate - square / (2 * problem.l2);
        if (dual == dual) state.bounds.dual = std::max(state.bounds.dual, dual);
    }
};

}  // namespace ermine
