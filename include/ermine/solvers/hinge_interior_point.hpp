// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/duality_gap.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/losses/hinge.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/gram_product.hpp>
#include <ermine/numerics/parallel.hpp>
#include <ermine/objectives/linear_pass.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/no_penalty.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/relative_gap.hpp>

#include <algorithm>
#include <atomic>
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

/// A primal-dual interior-point method for linear support vector machines of few features (Ferris
/// & Munson, "Interior-point methods for massive support vector machines", SIAM J. Optim. 13,
/// 2002), with the predictor and corrector of Mehrotra (SIAM J. Optim. 2, 1992) and one length for
/// primal and dual steps. With slacks ξ, s and multipliers 0 <= α <= ŵ, β = ŵ − α,
///
///     yᵢ(xᵢᵀw + b) − 1 + ξᵢ − sᵢ = 0,   λ w = (1/n) Σ αᵢ yᵢ xᵢ,   Σ αᵢ yᵢ = 0 with an intercept,
///     αᵢ sᵢ = βᵢ ξᵢ = μ → 0
///
/// a round is one Newton step: a Cholesky factor of λI + (1/n) [X 1]ᵀ Θ [X 1] with
/// Θ = 1/(ξ/β + s/α), and a few passes. The intercept is exact and has no penalty. The gap is that
/// of the best w and the best α so far, the latter balanced where there is an intercept. Ten to
/// thirty rounds reach 1e-9, whatever the conditioning: each costs n d² + d³/3, so that
/// DualCoordinateAscent suits many features.
struct HingeInteriorPoint {
    double accuracy = 0;  ///< the relative gap that will be asked for: not needed here

    static constexpr bool repeats = true;
    static constexpr Index most_parameters = 3000;
    using Stop = FirstOf<RelativeGap, MaxIterations>;

    template <class Problem>
    struct State {
        LinearPass<Problem> pass;
        Chunks chunks;  // of the sum of Θ x xᵀ
        std::vector<Eigen::MatrixXd> grams;
        std::vector<Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> panels;
        Eigen::MatrixXd hessian;
        Eigen::LLT<Eigen::MatrixXd> factor;
        Eigen::VectorXd best;  // the answer
        double value = 0;
        Eigen::VectorXd w, p;                  // of the iterate, p = [X 1] w
        Eigen::VectorXd alpha, beta, xi, s;    // a number an example
        Eigen::VectorXd theta, target, a, dp;  // theta and target of the Newton system
        Eigen::VectorXd by_xi, by_s;           // products of the predictor
        Eigen::VectorXd residual, right, dw;
        DualityGap bounds = {};
        Clock clock = {};
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool fits = HingeObjective<F>;
        static_assert(fits,
                      "HingeInteriorPoint needs EmpiricalRisk{Linear{d}, HingeLoss{}, data} + "
                      "L2{...}: Auto{} takes others");
        constexpr bool in_double = std::same_as<typename V::Scalar, double>;
        static_assert(in_double || !fits,
                      "HingeInteriorPoint keeps parameters in double: take risk.in_double() and "
                      "begin at its zero()");
        return fits && in_double;
    }

    /// Makes all memory of a run. Begins on the central path's side of x: with ξᵢ sᵢ = 1. Throws
    /// std::invalid_argument for λ = 0 or more than `most_parameters` of them.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        const auto problem = f.linear_problem();
        using Problem = std::remove_const_t<decltype(problem)>;
        if (!(problem.l2 > 0))
            throw std::invalid_argument(
                "HingeInteriorPoint needs a penalty: add L2{lambda} with lambda > 0");
        if (problem.parameters() > most_parameters)
            throw std::invalid_argument("HingeInteriorPoint factors a matrix of all pairs of " +
                                        std::to_string(problem.parameters()) +
                                        " parameters: use DualCoordinateAscent{}");
        const Index n = problem.examples();
        const Index size = problem.parameters();
        const Eigen::VectorXd none = Eigen::VectorXd::Zero(n);
        const Eigen::VectorXd zero = Eigen::VectorXd::Zero(size);
        State<Problem> state{LinearPass<Problem>(problem),
                             chunks_for(n, std::max<Index>(panel, 4 * size), 8),
                             {},
                             {},
                             Eigen::MatrixXd::Zero(size, size),
                             Eigen::LLT<Eigen::MatrixXd>(size),
                             x,
                             0,
                             x,
                             none,
                             none,
                             none,
                             none,
                             none,
                             none,
                             none,
                             none,
                             none,
                             none,
                             none,
                             zero,
                             zero,
                             zero};
        const auto count = static_cast<std::size_t>(state.chunks.count());
        state.grams.assign(count, state.hessian);
        state.panels.resize(count);
        for (auto& rows : state.panels) rows.resize(std::min(panel, n), size);
        state.pass.predict(problem, state.w, state.p);
        for (Index i = 0; i < n; ++i) {
            const double c = problem.weight(i);
            const double u = 1 - problem.targets[i] * state.p[i];
            const double root = std::sqrt(u * u + 4);
            state.xi[i] = u > 0 ? 0.5 * (root + u) : 2 / (root - u);
            state.s[i] = 1 / state.xi[i];
            state.alpha[i] = c * state.xi[i] / (state.xi[i] + state.s[i]);
            state.beta[i] = c * state.s[i] / (state.xi[i] + state.s[i]);
        }
        evaluate(problem, state);
        state.value = state.bounds.primal;
        return state;
    }

    template <class F>
    Outcome advance(const F& f, auto& state) const {
        const auto problem = f.linear_problem();
        const double mu = begin_predictor(problem, state);
        if (!(mu > 0)) return std::isnan(mu) ? Outcome::non_finite : Outcome::no_progress;
        if (!factor(problem, state)) return Outcome::no_progress;
        solve(problem, state);
        const double predicted = predictor_length(problem, state);
        const double left = predicted_mu(problem, state, predicted) / mu;
        begin_corrector(problem, state, left * left * left * mu);
        solve(problem, state);
        const double length = take_corrector(problem, state, left * left * left * mu);
        report_work(f, {.values = 1, .gradients = 3, .hessians = 1, .products = 2});
        ++state.clock.iteration;
        state.clock.epoch += 5;
        if (!std::isfinite(length)) return Outcome::non_finite;
        const double before = state.bounds.absolute();
        evaluate(problem, state);
        if (std::isnan(state.bounds.primal)) return Outcome::non_finite;
        const bool rests = state.bounds.absolute() >= before &&
                           (length < 1e-8 || mu <= 1e-15 * std::abs(state.value));
        return rests ? Outcome::no_progress : Outcome::advanced;
    }

    const auto& point(const auto& state) const { return state.best; }
    double value(const auto&, const auto& state) const { return state.value; }
    DualityGap gap(const auto&, const auto& state) const { return state.bounds; }

private:
    static constexpr Index panel = 512;

    /// (1/n) Σ f(i), where examples of weight 0 count nothing.
    template <class Problem, class F>
    static double mean(const Problem& problem, const F& f) {
        return LinearPass<Problem>::mean(problem, [&](Index begin, Index count) {
            double sum = 0;
            for (Index i = begin; i < begin + count; ++i)
                if (problem.weights == nullptr || problem.weights[i] > 0) sum += f(i);
            return sum;
        });
    }

    /// Θ and the right side of the step that aims at μ = 0; μ itself.
    template <class Problem>
    static double begin_predictor(const Problem& problem, State<Problem>& state) {
        return 0.5 * mean(problem, [&](Index i) {
                   const double alpha = state.alpha[i];
                   const double beta = state.beta[i];
                   const double lower = alpha * state.s[i];
                   const double upper = beta * state.xi[i];
                   state.theta[i] = alpha * beta / (state.xi[i] * alpha + state.s[i] * beta);
                   state.target[i] = 1 - problem.targets[i] * state.p[i];
                   return lower + upper;
               });
    }

    /// The factor of λI + (1/n) [X 1]ᵀ Θ [X 1].
    template <class Problem>
    static bool factor(const Problem& problem, State<Problem>& state) {
        const auto& rows = problem.rows;
        for_each_chunk(state.chunks.count(), [&](Index chunk) {
            auto& gram = state.grams[static_cast<std::size_t>(chunk)];
            auto& scaled = state.panels[static_cast<std::size_t>(chunk)];
            gram.setZero();
            const Index end = state.chunks.end(chunk);
            for (Index first = state.chunks.begin(chunk); first < end; first += panel) {
                const Index some = std::min(panel, end - first);
                for (Index k = 0; k < some; ++k) {
                    const Index i = first + k;
                    const double root = std::sqrt(state.theta[i]);
                    double* const out = scaled.data() + k * scaled.cols();
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
                }
                add_gram_product(scaled.topRows(some), gram);
            }
        });
        state.hessian = state.grams[0];
        for (std::size_t k = 1; k < state.grams.size(); ++k) state.hessian += state.grams[k];
        state.hessian /= static_cast<double>(problem.examples());
        state.hessian.diagonal().head(problem.penalized()).array() += problem.l2;
        state.factor.compute(state.hessian);
        return state.factor.info() == Eigen::Success;
    }

    /// dw and dp of the Newton system with the current target; the residual is that of
    /// λ w = (1/n) Σ αᵢ yᵢ xᵢ.
    template <class Problem>
    static void solve(const Problem& problem, State<Problem>& state) {
        mean(problem, [&](Index i) {
            state.a[i] = problem.targets[i] * state.theta[i] * state.target[i];
            return 0.0;
        });
        state.pass.transpose(problem, state.a, state.right);
        state.dw = state.right - state.residual;
        state.factor.solveInPlace(state.dw);
        state.pass.predict(problem, state.dw, state.dp);
    }

    template <class Problem>
    static double step_of_alpha(const Problem& problem, const State<Problem>& state, Index i) {
        return state.theta[i] * (state.target[i] - problem.targets[i] * state.dp[i]);
    }

    /// The longest part of the predictor, at most all of it, that keeps all signs; its products.
    template <class Problem>
    static double predictor_length(const Problem& problem, State<Problem>& state) {
        std::atomic<double> most = 1;
        LinearPass<Problem>::mean(problem, [&](Index begin, Index count) {
            double local = 1;
            for (Index i = begin; i < begin + count; ++i) {
                if (problem.weights != nullptr && !(problem.weights[i] > 0)) continue;
                const double d = step_of_alpha(problem, state, i);
                const double of_alpha = d / state.alpha[i];
                const double of_beta = d / state.beta[i];
                state.a[i] = d;
                state.by_s[i] = -d * state.s[i] * (1 + of_alpha);
                state.by_xi[i] = d * state.xi[i] * (of_beta - 1);
                local = std::max({local, -of_alpha, 1 + of_alpha, of_beta, 1 - of_beta});
            }
            raise(most, local);
            return 0.0;
        });
        return 1 / most.load();
    }

    template <class Problem>
    static double predicted_mu(const Problem& problem, const State<Problem>& state, double t) {
        return 0.5 * mean(problem, [&](Index i) {
                   // αs and βξ fall by the part t of themselves, but for the second order
                   return (1 - t) * (state.alpha[i] * state.s[i] + state.beta[i] * state.xi[i]) +
                          t * t * (state.by_s[i] - state.by_xi[i]);
               });
    }

    template <class Problem>
    static void begin_corrector(const Problem& problem, State<Problem>& state, double aim) {
        mean(problem, [&](Index i) {
            state.target[i] +=
                (-state.by_xi[i] - aim) / state.beta[i] - (state.by_s[i] - aim) / state.alpha[i];
            return 0.0;
        });
    }

    /// Takes the step; its length.
    template <class Problem>
    static double take_corrector(const Problem& problem, State<Problem>& state, double aim) {
        std::atomic<double> most = 0;
        LinearPass<Problem>::mean(problem, [&](Index begin, Index count) {
            double local = 0;
            for (Index i = begin; i < begin + count; ++i) {
                if (problem.weights != nullptr && !(problem.weights[i] > 0)) continue;
                const double alpha = state.alpha[i];
                const double beta = state.beta[i];
                const double d = step_of_alpha(problem, state, i);
                const double s = -state.s[i] - (state.by_s[i] - aim + state.s[i] * d) / alpha;
                const double xi = -state.xi[i] + (state.by_xi[i] + aim + state.xi[i] * d) / beta;
                state.a[i] = d;
                state.by_s[i] = s;
                state.by_xi[i] = xi;
                local = std::max({local, -d / alpha, d / beta, -s / state.s[i], -xi / state.xi[i]});
            }
            raise(most, local);
            return 0.0;
        });
        const double length = std::min(1.0, 0.995 / most.load());
        mean(problem, [&](Index i) {
            state.alpha[i] += length * state.a[i];
            state.beta[i] -= length * state.a[i];
            state.s[i] += length * state.by_s[i];
            state.xi[i] += length * state.by_xi[i];
            state.p[i] += length * state.dp[i];
            return 0.0;
        });
        state.w += length * state.dw;
        return length;
    }

    static void raise(std::atomic<double>& most, double to) {
        double before = most.load();
        while (before < to && !most.compare_exchange_weak(before, to)) {
        }
    }

    /// Value, dual value and residual at the iterate; the best are kept.
    template <class Problem>
    static void evaluate(const Problem& problem, State<Problem>& state) {
        const double value = state.pass.value(problem, state.p) +
                             0.5 * problem.l2 * state.w.head(problem.penalized()).squaredNorm();
        if (!(value >= state.bounds.primal)) {
            state.best = state.w;
            state.value = value;
            state.bounds.primal = value;
        }
        double ups = 0;
        double downs = 0;
        for (Index i = 0; i < problem.examples(); ++i) {
            state.a[i] = problem.targets[i] * state.alpha[i];
            (state.a[i] > 0 ? ups : downs) += state.alpha[i];
        }
        state.pass.transpose(problem, state.a, state.right);
        state.residual = -state.right;
        state.residual.head(problem.penalized()) += problem.l2 * state.w.head(problem.penalized());
        if (problem.intercept()) {
            // the heavier side gives way
            const double up = ups > downs ? downs / ups : 1;
            const double down = downs > ups ? ups / downs : 1;
            for (double& a : state.a) a *= a > 0 ? up : down;
            ups *= up;
            downs *= down;
            state.pass.transpose(problem, state.a, state.right);
        }
        const double dual = (ups + downs) / static_cast<double>(problem.examples()) -
                            0.5 / problem.l2 * state.right.head(problem.penalized()).squaredNorm();
        state.bounds.dual = std::max(state.bounds.dual, dual);
    }
};

}  // namespace ermine
