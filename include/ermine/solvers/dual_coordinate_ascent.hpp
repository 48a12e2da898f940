// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/duality_gap.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/losses/hinge.hpp>
#include <ermine/losses/logistic.hpp>
#include <ermine/losses/squared_hinge.hpp>
#include <ermine/models/linear.hpp>
#include <ermine/numerics/mixed_row_products.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/row_products.hpp>
#include <ermine/numerics/sparse_row_products.hpp>
#include <ermine/objectives/linear_pass.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/no_penalty.hpp>
#include <ermine/solvers/dual_coordinate.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/relative_gap.hpp>
#include <ermine/solvers/status.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace ermine {

/// A linear model with one of these losses and no penalty but ℓ2.
template <class F, class... Losses>
concept RidgeObjective =
    LinearObjective<F> && std::same_as<typename LinearProblemOf<F>::Model, Linear> &&
    std::same_as<typename LinearProblemOf<F>::Penalty, NoPenalty> &&
    (std::same_as<typename LinearProblemOf<F>::Loss, Losses> || ...);

/// A support vector machine.
template <class F>
concept SupportVectorObjective = RidgeObjective<F, HingeLoss, SquaredHingeLoss>;

/// Logistic regression.
template <class F>
concept LogisticObjective = RidgeObjective<F, LogisticLoss>;

/// Coordinate ascent on the dual of a linear support vector machine (Hsieh, Chang, Lin, Keerthi &
/// Sundararajan, "A dual coordinate descent method for large-scale linear SVM", ICML 2008,
/// algorithm 3) or of logistic regression (Yu, Huang & Lin, "Dual coordinate descent methods for
/// logistic regression and maximum entropy models", Machine Learning 85, 2011): with Cᵢ = ŵᵢ / λn,
///
///     max −Σ Cᵢ ℓ*(−αᵢ / Cᵢ) − ½ ‖w(α)‖²,   w(α) = Σ αᵢ yᵢ xᵢ,
///
/// one αᵢ after the other in random order, each to the maximum along it (DualCoordinate), at the
/// price of two passes over one example. Examples that rest at a bound well inside their half line
/// are left out until the others have settled. A round is a sweep; what it leaves of the gap is
/// estimated on the way, and a pass over all examples takes the exact one where the estimate has
/// fallen to a quarter or to what is asked for. The answer is the best w(α) that was evaluated so.
/// It takes no intercept, which would couple the coordinates, and needs λ > 0.
struct DualCoordinateAscent {
    double accuracy = 0;     ///< the relative gap that will be asked for; 0: not known
    std::uint64_t seed = 7;  ///< of the order

    static constexpr bool repeats = true;
    using Stop = FirstOf<RelativeGap, MaxIterations>;

    template <class Problem>
    struct State {
        LinearPass<Problem> pass;
        Random random;
        Eigen::VectorXd best;  // the answer
        double value = 0;
        Eigen::VectorXd w;           // of the sweeps
        Eigen::VectorXd alpha;       // a number an example
        Eigen::VectorXd squares, p;  // ‖xᵢ‖², predictions
        std::vector<std::int32_t> order;
        std::size_t active = 0;
        bool whole = true;  // the last sweep began with all examples
        double upper = std::numeric_limits<double>::infinity();  // slopes beyond rest at a bound
        double lower = -std::numeric_limits<double>::infinity();
        double estimate = std::numeric_limits<double>::infinity();  // of the gap
        double last = std::numeric_limits<double>::infinity();      // the estimate before
        double taken = std::numeric_limits<double>::infinity();     // when it was exact last
        DualityGap bounds = {};
        Clock clock = {};
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool fits = SupportVectorObjective<F> || LogisticObjective<F>;
        static_assert(fits,
                      "DualCoordinateAscent needs EmpiricalRisk{Linear{d, false}, loss, data} + "
                      "L2{...} with HingeLoss, SquaredHingeLoss or LogisticLoss: Auto{} takes "
                      "others");
        constexpr bool in_double = std::same_as<typename V::Scalar, double>;
        static_assert(in_double || !fits,
                      "DualCoordinateAscent keeps parameters in double: take risk.in_double() and "
                      "begin at its zero()");
        return fits && in_double;
    }

    /// Begins at α = 0, w = 0: what x₀ is does not count, but it is the answer until a better one
    /// is found. Throws std::invalid_argument for an option out of its range, a model with an
    /// intercept or λ = 0.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        require_nonnegative(accuracy, "DualCoordinateAscent.accuracy");
        const auto problem = f.linear_problem();
        using Problem = std::remove_const_t<decltype(problem)>;
        if (problem.intercept())
            throw std::invalid_argument(
                "DualCoordinateAscent takes no intercept: say Linear{.intercept = false}, and give "
                "the data a column of ones for one that is penalized, or use SmoothedHingeLoss");
        if (!(problem.l2 > 0))
            throw std::invalid_argument(
                "DualCoordinateAscent needs a penalty: add L2{lambda} with lambda > 0");
        const Index n = problem.examples();
        if (n > std::numeric_limits<std::int32_t>::max())
            throw std::invalid_argument("DualCoordinateAscent takes at most 2^31 - 1 examples");
        const Eigen::VectorXd none = Eigen::VectorXd::Zero(n);
        State<Problem> state{LinearPass<Problem>(problem),
                             Random(seed),
                             x,
                             0,
                             Eigen::VectorXd::Zero(x.size()),
                             none,
                             none,
                             none,
                             {}};
        for (Index i = 0; i < n; ++i) state.squares[i] = square(problem, i);
        take_all(problem, state);
        if (!x.isZero(0)) state.pass.predict(problem, x, state.p);
        state.value = state.pass.value(problem, state.p) + 0.5 * problem.l2 * x.squaredNorm();
        state.bounds = {state.value, 0};  // α = 0
        return state;
    }

    template <class F>
    Outcome advance(const F& f, auto& state) const {
        const auto problem = f.linear_problem();
        sweep(problem, state);
        ++state.clock.iteration;
        state.clock.epoch += 1;
        // The estimate is of before the sweep, which lowers the gap once more as the one before
        // did.
        const double asked = accuracy * std::abs(state.value);
        const double expected =
            state.estimate *
            std::min(state.estimate / std::exchange(state.last, state.estimate), 1.0);
        if (expected > asked && state.estimate > (asked > 0 ? 1.0 / 64 : 0.25) * state.taken)
            return Outcome::advanced;
        if (!state.whole) {  // those that were left out have to agree
            take_all(problem, state);
            return Outcome::advanced;
        }
        const bool settled = state.estimate >= state.taken;
        state.taken = state.estimate;
        evaluate(problem, state);
        report_work(f, {.values = 1, .gradients = 1});
        if (settled && state.estimate <= 1e-15 * std::abs(state.value)) return Outcome::no_progress;
        if (!std::isfinite(state.value)) return Outcome::non_finite;
        return Outcome::advanced;
    }

    const auto& point(const auto& state) const { return state.best; }
    double value(const auto&, const auto& state) const { return state.value; }
    DualityGap gap(const auto&, const auto& state) const { return state.bounds; }

private:
    /// The type of the numbers that are stored of dense rows.
    template <class Problem>
    using Number = std::remove_cvref_t<decltype(*std::declval<Problem>().rows.row(0))>;

    /// Cᵢ.
    static double weight(const auto& problem, Index i) {
        return problem.weight(i) / (problem.l2 * static_cast<double>(problem.examples()));
    }

    template <class Problem>
    static double square(const Problem& problem, Index i) {
        double sum = 0;
        if constexpr (requires { problem.rows.columns; }) {
            for (Index e = problem.rows.offsets[i]; e < problem.rows.offsets[i + 1]; ++e)
                sum += std::pow(static_cast<double>(problem.rows.values[e]), 2);
        } else {
            const auto* const row = problem.rows.row(i);
            for (Index j = 0; j < problem.features(); ++j)
                sum += std::pow(static_cast<double>(row[j]), 2);
        }
        return sum;
    }

    /// ⟨w, xᵢ⟩.
    template <class Problem>
    static double product(const Problem& problem, Index i, const Eigen::VectorXd& w) {
        if constexpr (requires { problem.rows.columns; }) {
            const Index first = problem.rows.offsets[i];
            return SparseRowProducts::dot(problem.rows.values + first, problem.rows.columns + first,
                                          problem.rows.offsets[i + 1] - first, w.data());
        } else {
            const auto row = [&](Index) { return problem.rows.row(i); };
            double sum = 0;
            if constexpr (std::same_as<Number<Problem>, float>)
                MixedRowProducts::multiply(row, 1, {}, problem.features(), w.data(), &sum);
            else
                RowProducts<double>::multiply(row, 1, problem.features(), w.data(), &sum);
            return sum;
        }
    }

    /// w ← w + s xᵢ.
    template <class Problem>
    static void add(const Problem& problem, Index i, double s, Eigen::VectorXd& w) {
        if constexpr (requires { problem.rows.columns; }) {
            const Index first = problem.rows.offsets[i];
            SparseRowProducts::add_scaled(problem.rows.values + first, problem.rows.columns + first,
                                          problem.rows.offsets[i + 1] - first, s, w.data());
        } else {
            const auto row = [&](Index) { return problem.rows.row(i); };
            if constexpr (std::same_as<Number<Problem>, float>)
                MixedRowProducts::add_scaled(row, 1, {}, problem.features(), &s, w.data());
            else
                RowProducts<double>::add_scaled(row, 1, 0, problem.features(), &s, w.data());
        }
    }

    template <class Problem>
    static void take_all(const Problem& problem, State<Problem>& state) {
        const auto n = static_cast<std::size_t>(problem.examples());
        if (state.order.size() != n) {
            state.order.resize(n);
            for (std::size_t i = 0; i < n; ++i) state.order[i] = static_cast<std::int32_t>(i);
        }
        state.active = n;
        state.upper = std::numeric_limits<double>::infinity();
        state.lower = -std::numeric_limits<double>::infinity();
    }

    template <class Problem>
    void sweep(const Problem& problem, State<Problem>& state) const {
        using Coordinate = DualCoordinate<typename Problem::Loss>;
        state.whole = state.active == state.order.size();
        double highest = -std::numeric_limits<double>::infinity();
        double lowest = std::numeric_limits<double>::infinity();
        double estimate = 0;
        auto& order = state.order;
        for (std::size_t s = 0; s < state.active; ++s) {
            const std::size_t other =
                s + static_cast<std::size_t>(state.random.below(state.active - s));
            std::swap(order[s], order[other]);
        }
        std::size_t s = 0;
        while (s < state.active) {
            const Index i = order[s];
            if (s + 4 < state.active) prefetch(problem, order[s + 4]);
            const double y = problem.targets[i];
            const Coordinate coordinate{weight(problem, i), state.squares[i]};
            double& alpha = state.alpha[i];
            const double margin = y * product(problem, i, state.w);
            bool rests = coordinate.c == 0;
            if constexpr (Coordinate::rests) {
                const double slope = rests ? 0 : coordinate.slope(alpha, margin);
                double violation = slope;
                if (alpha == 0) {
                    rests = rests || slope > state.upper;
                    violation = std::min(slope, 0.0);
                } else if (alpha == coordinate.most()) {
                    rests = slope < state.lower;
                    violation = std::max(slope, 0.0);
                }
                if (!rests) {
                    highest = std::max(highest, violation);
                    lowest = std::min(lowest, violation);
                }
            }
            if (rests) {
                std::swap(order[s], order[--state.active]);
                continue;
            }
            ++s;
            estimate += coordinate.residual(alpha, margin);
            const double to = coordinate.maximum(alpha, margin);
            if (to == alpha) continue;
            add(problem, i, (to - alpha) * y, state.w);
            alpha = to;
        }
        state.estimate = problem.l2 * estimate;
        state.upper = highest > 0 ? highest : std::numeric_limits<double>::infinity();
        state.lower = lowest < 0 ? lowest : -std::numeric_limits<double>::infinity();
    }

    template <class Problem>
    static void prefetch(const Problem& problem, Index i) {
        if constexpr (requires { problem.rows.columns; }) {
            const Index e = problem.rows.offsets[i];
            for (Index line = 0; line < 64; line += 16) {
                __builtin_prefetch(problem.rows.values + e + line);
                __builtin_prefetch(problem.rows.columns + e + line);
            }
        } else {
            const auto* const first = problem.rows.row(i);
            for (Index j = 0; j < problem.features(); j += 16) __builtin_prefetch(first + j);
        }
    }

    /// Value and dual value at w(α); the best point is kept.
    template <class Problem>
    static void evaluate(const Problem& problem, State<Problem>& state) {
        state.pass.predict(problem, state.w, state.p);
        const double square = state.w.squaredNorm();
        const double value = state.pass.value(problem, state.p) + 0.5 * problem.l2 * square;
        double conjugates = 0;
        for (Index i = 0; i < problem.examples(); ++i) {
            const double c = weight(problem, i);
            const double y = problem.targets[i];
            if (c > 0) conjugates += c * problem.loss.conjugate(-y * state.alpha[i] / c, y);
        }
        state.bounds.dual = std::max(state.bounds.dual, problem.l2 * (-conjugates - 0.5 * square));
        if (!(value < state.value)) return;
        state.value = value;
        state.best = state.w;
        state.bounds.primal = value;
    }
};

}  // namespace ermine
