// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <utility>

#include <ermine/concepts/vector.hpp>
#include <ermine/objectives/no_penalty.hpp>

namespace ermine {

/// What a regularized linear model is fitted to, laid open for solvers that go over the data by
/// themselves, prediction by prediction:
///
///     F(θ) = (1/n) Σᵢ ŵᵢ ℓ(f(xᵢ; θ), yᵢ) + ½ l2 ‖w‖² + p(w)
///
/// where w are the first `penalized()` of the parameters. A view: it lives no longer than the
/// objective that made it. M is Linear or LinearMulticlass, P the penalty with a kink or a bound,
/// NoPenalty if there is none. Parameters are in double whatever the data is in.
template <class M, class L, class R, class P = NoPenalty>
struct LinearProblem {
    using Model = M;
    using Loss = L;
    using Rows = R;
    using Penalty = P;

    M model;
    L loss;
    R rows;
    const double* targets = nullptr;
    const double* weights = nullptr;  ///< null if all examples count the same
    double weight_scale = 1;          ///< n / Σ w
    double l2 = 0;
    P penalty = {};

    [[nodiscard]] Index examples() const { return rows.examples; }
    [[nodiscard]] Index features() const { return rows.features; }
    [[nodiscard]] Index parameters() const { return model.parameters(); }
    [[nodiscard]] Index penalized() const { return model.penalized(); }
    [[nodiscard]] bool intercept() const { return model.intercept; }

    /// ŵᵢ, of mean 1.
    [[nodiscard]] double weight(Index i) const {
        return weights == nullptr ? 1 : weights[i] * weight_scale;
    }

    /// The same with more curvature on w.
    [[nodiscard]] LinearProblem shifted(double by) const {
        LinearProblem problem = *this;
        problem.l2 += by;
        return problem;
    }

    /// The same with a penalty that has a kink or a bound.
    template <class Q>
    [[nodiscard]] LinearProblem<M, L, R, Q> with(const Q& other) const {
        return {model, loss, rows, targets, weights, weight_scale, l2, other};
    }
};

/// What a solver did on a LinearProblem, in passes over all examples.
struct LinearWork {
    std::int64_t values = 0;
    std::int64_t gradients = 0;
    std::int64_t hessians = 0;
    std::int64_t products = 0;
};

/// An objective that is such a problem. `f.linear_problem()` is the view; where `f` counts, what is
/// done on it has to be told: `report_work(f, work)`.
template <class F>
concept LinearObjective = requires(const F& f) { f.linear_problem().rows; };

/// The type of f.linear_problem().
template <LinearObjective F>
using LinearProblemOf = decltype(std::declval<const F&>().linear_problem());

/// Tells f, where it counts, what was done on its linear problem.
template <class F>
void report_work(const F& f, const LinearWork& work) {
    if constexpr (requires { f.count_work(work); }) f.count_work(work);
}

}  // namespace ermine
