// SPDX-License-Identifier: MIT
#pragma once

#include <ermine/objectives/linear_problem.hpp>
#include <ermine/objectives/newton_preconditioner.hpp>
#include <ermine/solvers/dual_coordinate_ascent.hpp>
#include <ermine/solvers/linear_newton_cg.hpp>
#include <ermine/solvers/method_choice.hpp>
#include <ermine/solvers/multiclass_newton_cg.hpp>
#include <ermine/solvers/smoothed_hinge_newton.hpp>
#include <ermine/solvers/working_set.hpp>

#include <cmath>
#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>

namespace ermine {

/// A linear model for which there are methods of its own.
template <class F>
concept HasLinearCandidates = SmoothLinearObjective<F> || SparseLinearObjective<F> ||
                              SupportVectorObjective<F> || MultinomialObjective<F>;

/// A smooth loss whose dual DualCoordinateAscent solves, too.
template <class F>
concept DualOrNewtonObjective =
    SmoothLinearObjective<F> && (SupportVectorObjective<F> || LogisticObjective<F>);

/// Whether few sweeps over the examples solve the dual: sparse rows of many features, and a mean of
/// κ = L ‖xᵢ‖² / λn, L the smoothness of the loss, of at most 4 (a sweep leaves about κ / (1 + κ)
/// of the gap: Shalev-Shwartz & Zhang, "Stochastic dual coordinate ascent methods for regularized
/// loss minimization", JMLR 14, 2013, theorem 5). With more examples than features Newton's
/// products are the faster, unless the curvature changes at the kinks of the slope.
template <class Problem>
bool dual_is_easy(const Problem& problem) {
    if constexpr (requires { problem.rows.columns; }) {
        constexpr Index many = 300;
        constexpr bool kinks = std::same_as<typename Problem::Loss, SquaredHingeLoss>;
        const Index n = problem.examples();
        if (!(problem.l2 > 0) || problem.intercept() || problem.features() <= many || n == 0)
            return false;
        if (!kinks && n > problem.features()) return false;
        double squares = 0;
        for (Index e = problem.rows.offsets[0]; e < problem.rows.offsets[n]; ++e)
            squares += std::pow(static_cast<double>(problem.rows.values[e]), 2);
        const double count = static_cast<double>(n);
        return problem.loss.smoothness() * squares / count <= 4 * problem.l2 * count;
    } else {
        return false;
    }
}

/// The methods for a linear model that know its loss and penalty, from the usual one on: a tuple.
template <HasLinearCandidates F>
constexpr auto linear_candidates(double accuracy) {
    if constexpr (MultinomialObjective<F>)
        return std::tuple{MulticlassNewtonCG{.accuracy = accuracy}};
    else if constexpr (SparseLinearObjective<F>)
        return std::tuple{WorkingSet{.accuracy = accuracy}};
    else if constexpr (DualOrNewtonObjective<F>)
        return std::tuple{LinearNewtonCG{.accuracy = accuracy},
                          DualCoordinateAscent{.accuracy = accuracy}};
    else if constexpr (SmoothLinearObjective<F>)
        return std::tuple{LinearNewtonCG{.accuracy = accuracy}};
    else
        return std::tuple{DualCoordinateAscent{.accuracy = accuracy},
                          SmoothedHingeNewton{.accuracy = accuracy}};
}

/// Which of them begins, and why.
template <HasLinearCandidates F>
MethodChoice choose_linear(const F& f) {
    const auto problem = f.linear_problem();
    const std::string shape = std::to_string(problem.examples()) + " examples of " +
                              std::to_string(problem.features()) + " features, " +
                              std::to_string(problem.rows.nonzeros()) + " numbers stored";
    const bool few = problem.parameters() <= NewtonPreconditioner::dense_up_to;
    if constexpr (MultinomialObjective<F>) {
        return {.method = "MulticlassNewtonCG",
                .reason = "a smooth loss of " + std::to_string(problem.model.classes) +
                          " classes; " + shape +
                          (few ? ": few features, so that a Kronecker product of Cholesky factors "
                                 "preconditions the steps"
                               : ": many features, so that a diagonal preconditions the steps")};
    } else if constexpr (SparseLinearObjective<F>) {
        constexpr bool sparse = requires { problem.rows.columns; };
        const bool gram = !sparse || problem.features() <= WorkingSet::gram_up_to;
        return {.method = "WorkingSet",
                .reason = "an l1 penalty, which leaves few weights; " + shape +
                          (gram ? ": Gram matrices of the working set"
                                : ": coordinate descent on the working set")};
    } else if constexpr (SmoothLinearObjective<F>) {
        if constexpr (DualOrNewtonObjective<F>)
            if (dual_is_easy(problem))
                return {1, "DualCoordinateAscent",
                        "a smooth loss with an l2 penalty that is large beside the examples; " +
                            shape + ": few sweeps over the examples solve the dual",
                        std::size_t{3}};
        return {0, "LinearNewtonCG",
                "a smooth loss" + std::string(problem.l2 > 0 ? " with an l2 penalty" : "") + "; " +
                    shape +
                    (few ? ": few features, so that the Hessian of a sample preconditions the steps"
                         : ": many features, so that a diagonal preconditions the steps"),
                std::size_t{1}};
    } else {
        const std::string why =
            "a loss with a kink and an l2 penalty, whose dual is smooth; " + shape;
        const bool fits = problem.parameters() <= SmoothedHingeNewton::most_parameters;
        if (problem.intercept())
            return {1, "SmoothedHingeNewton", why + ", with an intercept, which couples the dual",
                    std::size_t{2}};
        if (problem.features() <= 300)
            return {1, "SmoothedHingeNewton",
                    why + ": few features, so that a Newton step costs little"};
        return {0, "DualCoordinateAscent", why, fits ? std::size_t{3} : std::size_t{1}};
    }
}

}  // namespace ermine
