// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/evaluation.hpp>
#include <ermine/concepts/objective.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/numerics/damped_least_squares.hpp>
#include <ermine/numerics/require.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <tuple>

namespace ermine {

/// The Levenberg–Marquardt method for sums of squares: the step h solves
/// min ‖J h + r‖² + μ ‖D h‖², and the damping μ follows the quotient of the actual and the
/// predicted reduction as Nielsen proposes (Madsen, Nielsen & Tingleff, "Methods for non-linear
/// least squares problems", 2004, algorithm 3.16). D holds the lengths of the Jacobian's columns,
/// so that units do not matter, and steps are found by QR factorization: see DampedLeastSquares.
///
/// A round ends with an accepted step. Trial points that are not finite are rejected like those
/// that are too high. Where reductions are lost in the rounding of the sum, a step is accepted that
/// makes the scaled gradient smaller. Residuals are evaluated once at each point, Jacobians once at
/// each accepted one.
struct LevenbergMarquardt {
    double initial_damping = 1e-3;  ///< μ at the start, > 0; about 1 for a bad starting point

    static constexpr bool repeats = true;

    /// Everything that a run remembers.
    template <class V>
    struct State {
        Evaluation<V> here;
        Evaluation<V> there;
        ResidualVector<V> residuals;
        ResidualVector<V> trial;
        JacobianMatrix<V> jacobian;
        DampedLeastSquares<V::RowsAtCompileTime> model;
        V step;
        double damping;
        bool settled = false;  // no better point is to be found
        Clock clock = {};

        auto fields() {
            return std::tie(here.x, here.value, here.gradient, residuals, jacobian, model, damping,
                            settled, clock.iteration, clock.epoch);
        }
    };

    template <class F, class V>
    static consteval bool check() {
        static_assert(LeastSquares<F, V>,
                      "LevenbergMarquardt needs f.residuals(x, r) and f.jacobian(x, J): make f by "
                      "sum_of_squares(residuals), or use a method for any smooth function, such as "
                      "newton()");
        return LeastSquares<F, V>;
    }

    /// Makes all memory of a run, and evaluates residuals and Jacobian at x.
    /// Throws std::invalid_argument for an initial_damping that makes no sense, and for a Jacobian
    /// that is not as high as there are residuals and as wide as there are variables.
    template <class F, class V>
    State<V> start(const F& f, const V& x) const {
        require_positive(initial_damping, "LevenbergMarquardt: initial_damping");
        ResidualVector<V> residuals;
        JacobianMatrix<V> jacobian;
        V gradient = x;
        f.residuals(x, residuals);
        evaluate(f, x, residuals, jacobian, gradient);
        return {.here = {x, squares(residuals), gradient},
                .there = {x, 0, gradient},
                .residuals = residuals,
                .trial = residuals,
                .jacobian = jacobian,
                .model = {residuals.size(), x.size()},
                .step = x,
                .damping = initial_damping};
    }

    /// One accepted step.
    template <class F, class V>
    Outcome advance(const F& f, State<V>& state) const {
        if (state.settled) return Outcome::no_progress;
        if (!state.here.gradient.allFinite()) return Outcome::non_finite;
        state.model.factor(state.jacobian, state.residuals);
        for (double growth = 2; state.damping < most_damping; growth *= 2) {
            state.model.solve(state.damping, state.step);
            state.there.x = state.here.x + state.step;
            if (state.there.x == state.here.x) break;
            if (const double gain = try_step(f, state); gain > 0) {
                accept(state);
                const double off = 2 * gain - 1;
                state.damping *= std::max(1.0 / 3, 1 - off * off * off);
                state.damping = std::max(state.damping, least_damping);
                return Outcome::advanced;
            }
            state.damping *= growth;
        }
        state.settled = true;
        return Outcome::no_progress;
    }

    /// The answer so far.
    template <class V>
    const V& point(const State<V>& state) const {
        return state.here.x;
    }

    /// Its value.
    double value(const auto&, const auto& state) const { return state.here.value; }

private:
    // Relative to columns of length 1: below and above, the damping has no effect or is all there
    // is.
    static constexpr double least_damping = 1e-30;
    static constexpr double most_damping = 1e200;

    /// Evaluates the trial point: the actual reduction over the predicted one, 1 where rounding
    /// hides it but the gradient got smaller, and not positive where the point is to be rejected.
    template <class F, class V>
    double try_step(const F& f, State<V>& state) const {
        if (!state.there.x.allFinite()) return 0;
        f.residuals(state.there.x, state.trial);
        state.there.value = squares(state.trial);
        if (!std::isfinite(state.there.value)) return 0;
        const double predicted = state.model.predicted();
        const double actual = reduction(state.residuals, state.trial);
        const double rounding = 1e-10 * state.here.value;
        const bool hidden = std::abs(actual) <= rounding && predicted <= rounding;
        if (actual <= 0 && !hidden) return 0;
        evaluate(f, state.there.x, state.trial, state.jacobian, state.there.gradient);
        if (actual > 0) return actual / predicted;
        const double left = state.model.scaled_norm(state.there.gradient) /
                            state.model.scaled_norm(state.here.gradient);
        return left < 0.5 ? 1 : left < 0.99 ? 0.5 : 0;
    }

    template <class V>
    static void accept(State<V>& state) {
        state.here.x.swap(state.there.x);
        state.here.gradient.swap(state.there.gradient);
        state.here.value = state.there.value;
        state.residuals.swap(state.trial);
        ++state.clock.iteration;
        state.clock.epoch += 1;
    }

    template <class F, class V>
    static void evaluate(const F& f, const V& x, const ResidualVector<V>& residuals,
                         JacobianMatrix<V>& jacobian, V& gradient) {
        f.jacobian(x, jacobian);
        if (jacobian.rows() != residuals.size() || jacobian.cols() != x.size())
            throw std::invalid_argument("LevenbergMarquardt: the Jacobian is " +
                                        std::to_string(jacobian.rows()) + " x " +
                                        std::to_string(jacobian.cols()) + ", but there are " +
                                        std::to_string(residuals.size()) + " residuals and " +
                                        std::to_string(x.size()) + " variables");
        gradient.noalias() = jacobian.transpose() * residuals;
        gradient *= 2;
    }

    template <class R>
    static double squares(const R& r) {
        return r.template cast<double>().squaredNorm();
    }

    /// ‖a‖² − ‖b‖², term by term, which is more exact than the difference of the sums.
    template <class R>
    static double reduction(const R& a, const R& b) {
        return ((a.template cast<double>() - b.template cast<double>()).array() *
                (a.template cast<double>() + b.template cast<double>()).array())
            .sum();
    }
};

/// Levenberg and Marquardt's method with its usual damping.
constexpr auto levenberg_marquardt() { return LevenbergMarquardt{}; }

}  // namespace ermine
