// SPDX-License-Identifier: MIT
#pragma once

#include <Eigen/Core>

#include <ermine/concepts/clock.hpp>
#include <ermine/concepts/duality_gap.hpp>
#include <ermine/concepts/solver.hpp>
#include <ermine/losses/crammer_singer.hpp>
#include <ermine/models/linear_multiclass.hpp>
#include <ermine/numerics/random.hpp>
#include <ermine/numerics/require.hpp>
#include <ermine/numerics/simplex_threshold.hpp>
#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/no_penalty.hpp>
#include <ermine/solvers/first_of.hpp>
#include <ermine/solvers/max_iterations.hpp>
#include <ermine/solvers/relative_gap.hpp>

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>
#include <vector>

namespace ermine {

/// A multiclass support vector machine with no penalty but ℓ2.
template <class F>
concept CrammerSingerObjective =
    LinearObjective<F> && std::same_as<typename LinearProblemOf<F>::Model, LinearMulticlass> &&
    std::same_as<typename LinearProblemOf<F>::Penalty, NoPenalty> &&
    std::same_as<typename LinearProblemOf<F>::Loss, CrammerSingerLoss>;

/// Ascent on the dual of the multiclass support vector machine of Crammer and Singer, an example
/// at a time in random order (Keerthi, Sundararajan, Chang, Hsieh & Lin, "A sequential dual method
/// for large scale multi-class linear SVMs", KDD 2008): with Cᵢ = ŵᵢ / λn and W = Σ xᵢ αᵢᵀ,
///
///     max λ (Σ α_{i,yᵢ} − ½ ‖W‖²),   Σₖ αᵢₖ = 0,   αᵢₖ <= Cᵢ [k = yᵢ]
///
/// Over the K numbers of an example this is the projection of a point to the simplex
/// {s >= 0, Σ sₖ = Cᵢ}, sₖ = Cᵢ [k = yᵢ] − αᵢₖ. Examples with αᵢ = 0 whose class leads by more than
/// the largest violation of the sweep before are left out until the others have settled. A round is
/// a sweep; a pass over all examples takes the exact gap where its estimate has fallen to a quarter
/// or to what is asked for. The answer is the best W that was evaluated so. It takes no intercept,
/// which would couple the examples, and needs λ > 0.
struct CrammerSingerDual {
    double accuracy = 0;     ///< the relative gap that will be asked for; 0: not known
    std::uint64_t seed = 7;  ///< of the order

    static constexpr bool repeats = true;
    using Stop = FirstOf<RelativeGap, MaxIterations>;

    struct State {
        Random random;
        Eigen::VectorXd best;  // the answer
        double value = 0;
        Eigen::VectorXd w;      // of the sweeps
        Eigen::ArrayXXd alpha;  // a column an example
        Eigen::VectorXd squares;
        Eigen::ArrayXd p, target;  // of one example
        std::vector<std::int32_t> order;
        std::size_t active = 0;
        bool whole = true;  // the last sweep began with all examples
        double slack = std::numeric_limits<double>::infinity();
        double estimate = std::numeric_limits<double>::infinity();  // of the gap
        double taken = std::numeric_limits<double>::infinity();     // when it was exact last
        DualityGap bounds = {};
        Clock clock = {};
    };

    template <class F, class V>
    static consteval bool check() {
        constexpr bool fits = CrammerSingerObjective<F>;
        static_assert(fits,
                      "CrammerSingerDual needs EmpiricalRisk{LinearMulticlass{d, K, false}, "
                      "CrammerSingerLoss{}, data} + L2{...}");
        constexpr bool in_double = std::same_as<typename V::Scalar, double>;
        static_assert(in_double || !fits,
                      "CrammerSingerDual keeps parameters in double: take risk.in_double() and "
                      "begin at its zero()");
        return fits && in_double;
    }

    /// Begins at α = 0, W = 0: what x₀ is does not count, but it is the answer until a better one
    /// is found. Throws std::invalid_argument for an option out of its range, a model with
    /// intercepts or λ = 0.
    template <class F, class V>
    auto start(const F& f, const V& x) const {
        require_nonnegative(accuracy, "CrammerSingerDual.accuracy");
        const auto problem = f.linear_problem();
        if (problem.intercept())
            throw std::invalid_argument(
                "CrammerSingerDual takes no intercepts: say LinearMulticlass{.intercept = false}, "
                "and give the data a column of ones for some that are penalized");
        if (!(problem.l2 > 0))
            throw std::invalid_argument(
                "CrammerSingerDual needs a penalty: add L2{lambda} with lambda > 0");
        const Index n = problem.examples();
        if (n > std::numeric_limits<std::int32_t>::max())
            throw std::invalid_argument("CrammerSingerDual takes at most 2^31 - 1 examples");
        const Index classes = problem.model.classes;
        State state{Random(seed),
                    x,
                    f.value(x),
                    Eigen::VectorXd::Zero(x.size()),
                    Eigen::ArrayXXd::Zero(classes, n),
                    Eigen::VectorXd::Zero(n),
                    Eigen::ArrayXd::Zero(classes),
                    Eigen::ArrayXd::Zero(classes),
                    {}};
        for (Index i = 0; i < n; ++i) {
            each(problem, i, [&](Index, double value) { state.squares[i] += value * value; });
            if (problem.weight(i) > 0) state.order.push_back(static_cast<std::int32_t>(i));
        }
        take_all(state);
        state.bounds = {state.value, 0};  // α = 0
        return state;
    }

    template <class F>
    Outcome advance(const F& f, State& state) const {
        const auto problem = f.linear_problem();
        sweep(problem, state);
        ++state.clock.iteration;
        state.clock.epoch += 1;
        const double asked = accuracy * std::abs(state.value);
        if (state.estimate > asked && state.estimate > 0.25 * state.taken) return Outcome::advanced;
        if (!state.whole) {  // those that were left out have to agree
            take_all(state);
            return Outcome::advanced;
        }
        state.taken = state.estimate;
        return evaluate(f, problem, state);
    }

    const auto& point(const State& state) const { return state.best; }
    double value(const auto&, const State& state) const { return state.value; }
    DualityGap gap(const auto&, const State& state) const { return state.bounds; }

private:
    static void take_all(State& state) {
        state.active = state.order.size();
        state.slack = std::numeric_limits<double>::infinity();
    }

    static void sweep(const auto& problem, State& state) {
        const double n = static_cast<double>(problem.examples());
        const Index classes = problem.model.classes;
        state.whole = state.active == state.order.size();
        double estimate = 0;
        double most = 0;
        for (std::size_t k = 0; k < state.active;) {
            const auto other = k + static_cast<std::size_t>(state.random.below(state.active - k));
            std::swap(state.order[k], state.order[other]);
            const Index i = state.order[k];
            const auto y = static_cast<Index>(problem.targets[i]);
            auto alpha = state.alpha.col(i);
            auto& p = state.p;
            p.setZero();
            each(problem, i, [&](Index j, double x) {
                const double* const w = state.w.data() + j * classes;
                for (Index c = 0; c < classes; ++c) p[c] += x * w[c];
            });
            double rival = -std::numeric_limits<double>::infinity();
            for (Index c = 0; c < classes; ++c)
                if (c != y) rival = std::max(rival, p[c]);
            const double lead = p[y] - rival;
            const bool resting = (alpha == 0).all();
            if (resting && lead - 1 > state.slack) {
                --state.active;
                std::swap(state.order[k], state.order[state.active]);
                continue;
            }
            const double bound = problem.weight(i) / (problem.l2 * n);
            // C ℓ(p) − α_y + Σ α p: what Fenchel and Young leave
            const double residual = bound * std::max(0.0, 1 - lead) - alpha[y] + (alpha * p).sum();
            estimate += std::max(0.0, residual);
            most = std::max(most, residual / bound);
            ++k;
            const double square = state.squares[i];
            if (!(square > 0) || (resting && lead >= 1)) continue;
            auto& target = state.target;
            target = p / square - alpha;
            target[y] += bound - 1 / square;
            const double top = target.maxCoeff();
            if (!std::isfinite(top)) continue;
            const double threshold = top + simplex_threshold(target, top, bound);
            target = -(target - threshold).max(0.0);
            target[y] += bound;
            // the sum is zero, up to rounding that must not add up
            target[y] = 0;
            target[y] = -target.sum();
            p = target - alpha;
            if ((p == 0).all()) continue;
            alpha = target;
            each(problem, i, [&](Index j, double x) {
                double* const w = state.w.data() + j * classes;
                for (Index c = 0; c < classes; ++c) w[c] += x * p[c];
            });
        }
        state.slack = most;
        state.estimate = problem.l2 * estimate;
    }

    /// The exact value, and the dual value of α.
    template <class F>
    static Outcome evaluate(const F& f, const auto& problem, State& state) {
        const double value = f.value(state.w);
        if (!std::isfinite(value)) return Outcome::non_finite;
        double sum = 0;
        for (const std::int32_t i : state.order)
            sum += state.alpha(static_cast<Index>(problem.targets[i]), i);
        const double dual = problem.l2 * (sum - 0.5 * state.w.squaredNorm());
        const double before = state.bounds.absolute();
        if (value <= state.value) {
            state.value = value;
            state.best = state.w;
        }
        state.bounds = {state.value, std::max(state.bounds.dual, dual)};
        state.taken = std::min(state.taken, state.bounds.absolute());
        const bool settled =
            state.bounds.absolute() >= before &&
            before <= 16 * std::numeric_limits<double>::epsilon() * std::abs(value);
        return settled ? Outcome::no_progress : Outcome::advanced;
    }

    /// Calls f(feature, value) for the numbers of example i.
    static void each(const auto& problem, Index i, const auto& f) {
        if constexpr (requires { problem.rows.columns; }) {
            for (Index e = problem.rows.offsets[i]; e < problem.rows.offsets[i + 1]; ++e)
                f(Index{problem.rows.columns[e]}, static_cast<double>(problem.rows.values[e]));
        } else {
            const auto* const row = problem.rows.row(i);
            for (Index j = 0; j < problem.features(); ++j)
                if (row[j] != 0) f(j, static_cast<double>(row[j]));
        }
    }
};

}  // namespace ermine
